// Images that several machines built and pushed, joined to one: `tsbuild manifest`.
// https://docs.docker.com/reference/cli/docker/manifest/

import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Index } from "../../oci/index.js";
import { Workspace } from "../helpers/cli.js";
import { baseImage } from "../helpers/images.js";
import { type Registry, startRegistry } from "../helpers/registry.js";

let registry: Registry;
/** The machine that joins; it never saw the layers. */
const joiner = new Workspace();
/** Those that build, each with a store of its own. */
const builder = new Workspace();

beforeAll(async () => {
  registry = await startRegistry();
  const base = `busybox=oci-layout://${await baseImage("busybox-platforms")}`;
  const context = builder.files("app", { Dockerfile: "FROM busybox\nARG TARGETARCH\nCOPY a /a\n", a: "content" });
  for (const architecture of ["amd64", "arm64"]) {
    const tag = `${registry.host}/team/app:1-${architecture}`;
    await builder.expectSuccess([
      "--platform",
      `linux/${architecture}`,
      "--build-context",
      base,
      "-t",
      tag,
      "--push",
      context,
    ]);
  }
});
afterAll(async () => {
  await registry?.stop();
  joiner.remove();
  builder.remove();
});

const app = (tag: string) => `${registry.host}/team/app:${tag}`;

async function inspected(name: string): Promise<Index> {
  return JSON.parse((await joiner.expectSuccess(["manifest", "inspect", name])).stdout) as Index;
}

const platforms = ({ manifests }: Index) => manifests.map(({ platform }) => platform?.architecture);

function raw(name: string): Index {
  const text = execFileSync("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${name}`], {
    encoding: "utf8",
  });
  return JSON.parse(text) as Index;
}

describe("tsbuild manifest", () => {
  test("create and push: what two machines pushed becomes one image, and no layer is moved (features 340)", async () => {
    await joiner.expectSuccess(["manifest", "create", app("1"), app("1-amd64"), app("1-arm64")]);
    const before = registry.log().length;
    const { stdout } = await joiner.expectSuccess(["manifest", "push", app("1")]);
    const index = raw(app("1"));
    expect(platforms(index)).toEqual(["amd64", "arm64"]);
    expect(index.manifests.map(({ digest }) => digest)).toEqual(
      ["1-amd64", "1-arm64"].map((tag) =>
        execFileSync(
          "skopeo",
          [
            "inspect",
            "--tls-verify=false",
            "--override-arch",
            tag.slice(2),
            "--format",
            "{{.Digest}}",
            `docker://${app(tag)}`,
          ],
          { encoding: "utf8" },
        ).trim(),
      ),
    );
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    const requests = registry.log().slice(before);
    expect(requests).not.toMatch(/"PATCH|http\.request\.method=PATCH|method=POST/);
  });

  test("push to another repository mounts the layers there (S-203)", async () => {
    const other = `${registry.host}/other/app:1`;
    await joiner.expectSuccess(["manifest", "push", app("1"), other]);
    expect(platforms(raw(other))).toEqual(["amd64", "arm64"]);
    for (const architecture of ["amd64", "arm64"])
      execFileSync("skopeo", [
        "copy",
        "--quiet",
        "--src-tls-verify=false",
        "--override-arch",
        architecture,
        `docker://${other}`,
        `dir:${joiner.path}/dir-${architecture}`,
      ]);
  });

  test("docker:// is what it is for podman: a registry, whatever the store has; --all is what is done anyway", async () => {
    const other = `${registry.host}/other/prefixed:1`;
    const name = app("prefixed");
    await joiner.expectSuccess(["manifest", "create", name, `docker://${app("1-amd64")}`]);
    await joiner.expectSuccess(["manifest", "add", name, `docker://${app("1-arm64")}`]);
    await joiner.expectSuccess(["manifest", "push", "--all", name, `docker://${other}`]);
    expect((await joiner.run(["manifest", "inspect", `docker://${name}`])).code).not.toBe(0);
    expect(platforms(await inspected(`docker://${other}`))).toEqual(["amd64", "arm64"]);
    await joiner.expectSuccess(["pull", `docker://${other}`]);
    await joiner.expectSuccess(["rmi", name, other]);
  });

  test("a name in use is kept unless --amend says so", async () => {
    const { code, stderr } = await joiner.run(["manifest", "create", app("1"), app("1-amd64")]);
    expect(code).toBe(125);
    expect(stderr).toContain(`the name "${app("1")}" is in use`);
    expect(stderr).toContain("--amend");
    await joiner.expectSuccess(["manifest", "create", "--amend", app("1"), app("1-amd64")]);
    expect(platforms(await inspected(app("1")))).toEqual(["amd64"]);
  });

  test("add replaces an image of the same platform; platform and annotations can be set", async () => {
    await joiner.expectSuccess(["manifest", "add", "--annotation", "a.b=c", app("1"), app("1-arm64")]);
    await joiner.expectSuccess(["manifest", "add", app("1"), app("1-amd64")]);
    await joiner.expectSuccess(["manifest", "annotate", "--platform", "linux/arm64/v9", app("1"), "linux/arm64"]);
    const { manifests } = await inspected(app("1"));
    expect(manifests.map(({ platform }) => platform)).toEqual(
      expect.arrayContaining([
        { os: "linux", architecture: "amd64" },
        { os: "linux", architecture: "arm64", variant: "v9" },
      ]),
    );
    expect(manifests.find(({ platform }) => platform?.variant === "v9")!.annotations).toEqual({ "a.b": "c" });
  });

  test("two images of one platform: create refuses, add says what it replaced", async () => {
    const other = joiner.files("other", { Dockerfile: "FROM scratch\nCOPY Dockerfile /b\n" });
    await joiner.expectSuccess(["--platform", "linux/amd64", "-t", "local/b:1", other]);
    const { code, stderr } = await joiner.run(["manifest", "create", "twins:1", app("1-amd64"), "local/b:1"]);
    expect(code).toBe(125);
    expect(stderr).toContain(`"${app("1-amd64")}" and "local/b:1" both have an image for linux/amd64`);
    await joiner.expectSuccess(["manifest", "create", "twins:1", app("1-amd64")]);
    const added = await joiner.expectSuccess(["manifest", "add", "twins:1", "local/b:1"]);
    expect(added.stderr).toMatch(/^note: replaced sha256:[0-9a-f]{64}, the image for linux\/amd64 in "twins:1"$/m);
    expect(platforms(await inspected("twins:1"))).toEqual(["amd64"]);
  });

  test("without images: listed by images, not pushed", async () => {
    await joiner.expectSuccess(["manifest", "create", app("empty")]);
    const format = "{{.Repository}}:{{.Tag}} {{.Size}}";
    expect((await joiner.expectSuccess(["images", "--format", format])).stdout).toContain(`${app("empty")} 0B\n`);
    const { code, stderr } = await joiner.run(["manifest", "push", app("empty")]);
    expect(code).toBe(125);
    expect(stderr).toContain(`the index "${app("empty")}" has no images`);
    await joiner.expectSuccess(["rmi", app("empty")]);
  });

  test("remove takes an image out; what is not there is named with what is", async () => {
    await joiner.expectSuccess(["manifest", "remove", app("1"), "linux/amd64"]);
    expect(platforms(await inspected(app("1")))).toEqual(["arm64"]);
    const { code, stderr } = await joiner.run(["manifest", "remove", app("1"), "linux/amd64"]);
    expect(code).toBe(125);
    expect(stderr).toContain("Choose one of linux/arm64/v9.");
  });

  test("images of the store are taken too, compressed as they would be pushed", async () => {
    await builder.expectSuccess([
      "-t",
      "local/app:1",
      "--build-context",
      `busybox=oci-layout://${await baseImage("busybox-platforms")}`,
      `${builder.path}/app`,
    ]);
    await builder.expectSuccess(["manifest", "create", app("2"), "local/app:1"]);
    await builder.expectSuccess(["manifest", "push", app("2")]);
    execFileSync("skopeo", [
      "copy",
      "--quiet",
      "--src-tls-verify=false",
      `docker://${app("2")}`,
      `dir:${joiner.path}/dir-2`,
    ]);
    expect(raw(app("2")).manifests).toHaveLength(1);
  });

  test("inspect of what only a registry has; of nothing; of what is no index", async () => {
    expect(platforms(await inspected(`${registry.host}/other/app:1`))).toEqual(["amd64", "arm64"]);
    const missing = await joiner.run(["manifest", "inspect", app("none")]);
    expect(missing.stderr).toContain(`no image "${app("none")}" in its registry`);
    const single = await builder.run(["manifest", "inspect", "local/app:1"]);
    expect(single.stderr).toContain("is one image, expected an index of images");
  });

  test("without one of its commands, and with a wrong one, they are listed", async () => {
    for (const words of [["manifest"], ["manifest", "crate"]]) {
      const { code, stderr } = await joiner.run(words);
      expect(code).toBe(125);
      expect(stderr).toContain("tsbuild manifest create [OPTIONS] NAME [IMAGE...]");
    }
    expect((await joiner.expectSuccess(["manifest", "--help"])).stdout).toContain("manifest push");
  });
});
