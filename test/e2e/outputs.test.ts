// What builds write, seen by others: schemas, skopeo, umoci, crun, runc, podman and a registry (rows 215 to 240).

import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Descriptor, Manifest } from "../../index.js";
import { sha256 } from "../../oci/index.js";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { schemaErrors } from "../helpers/oci-schemas.js";
import { runBundle, skopeoInspect, umociUnpack } from "../helpers/other-tools.js";
import { type Registry, startRegistry } from "../helpers/registry.js";

const workspace = new Workspace();
const at = (...names: string[]) => join(workspace.path, ...names);
let base: string[];
let registry: Registry;

const DOCKERFILE = `FROM busybox
COPY text /
RUN mkdir -p /d/old && echo one >/d/one && ln /d/one /d/same && chmod 4755 /d/one
RUN rm -r /d/old /etc/group && mkdir /d/old && echo new >/d/old/new
LABEL kept=yes gone=yes
ENV KEPT=1 GONE=2
CMD ["cat", "/d/same", "/d/old/new", "/text"]
`;
const PRINTS = "one\nnew\ntext\n";

beforeAll(async () => {
  workspace.files("context", { Dockerfile: DOCKERFILE, text: "text\n" });
  workspace.files("plain", { Dockerfile: "FROM scratch\nCOPY text /\n", text: "text\n" });
  [base, registry] = await Promise.all([baseImageFlags("busybox"), startRegistry()]);
});
afterAll(async () => {
  await registry.stop();
  workspace.remove();
});

/** Not the synchronous one: whoever waits in it reads nothing of what the registry logs. */
const run = async (program: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(program, args, { timeout: 60_000 })).stdout;

const build = (...args: string[]) => workspace.expectSuccess(["build", "-q", ...base, at("context"), ...args]);
const fail = (...args: string[]) => workspace.run(["build", ...base, at("context"), ...args]);

function json<Value>(...names: string[]): Value {
  return JSON.parse(readFileSync(at(...names), "utf8")) as Value;
}

function blobOf<Value>(layout: string, { digest }: Pick<Descriptor, "digest">): Value {
  return json<Value>(layout, "blobs", ...digest.split(":"));
}

const roots = (layout: string) => json<{ manifests: Descriptor[] }>(layout, "index.json").manifests;
const manifestIn = (layout: string) => blobOf<Manifest>(layout, roots(layout)[0]!);

function unpack(archive: string): string {
  const folder = `${archive}.d`;
  mkdirSync(at(folder), { recursive: true });
  execFileSync("tar", ["-xf", at(archive), "-C", at(folder)]);
  return folder;
}

/** Everything in a layout that a schema is about. */
function errorsIn(layout: string): string[] {
  const index = json<{ manifests: Descriptor[] }>(layout, "index.json");
  const errors = [...schemaErrors("layout", json(layout, "oci-layout")), ...schemaErrors("index", index)];
  const visit = (descriptor: Descriptor): string[] => {
    const document = blobOf<{ manifests?: Descriptor[]; config?: Descriptor }>(layout, descriptor);
    if (document.manifests) return [...schemaErrors("index", document), ...document.manifests.flatMap(visit)];
    return [...schemaErrors("manifest", document), ...schemaErrors("config", blobOf(layout, document.config!))];
  };
  return [...errors, ...index.manifests.flatMap(visit)];
}

const FORMS = ["uncompressed", "gzip", "zstd", "estargz"] as const;

describe("layouts", () => {
  test.each(FORMS)(
    "%s: as tar and as folder, as the schemas have it; skopeo, umoci and the runtimes take it",
    async (form) => {
      const options = `compression=${form},force-compression=${form !== "uncompressed"}`;
      await build(
        "-t",
        "app:1",
        "-o",
        `type=oci,dest=${at(form)}.tar,${options}`,
        "-o",
        `type=oci,dest=${at(form)},tar=false,${options}`,
      );
      const folder = unpack(`${form}.tar`);
      expect([...errorsIn(form), ...errorsIn(folder)]).toEqual([]);
      expect(readdirSync(at(form)).sort()).toEqual(["blobs", "index.json", "oci-layout"]);
      expect(roots(folder)[0]!.digest).toBe(roots(form)[0]!.digest);
      for (const place of [`oci:${at(form)}:1`, `oci-archive:${at(form)}.tar`])
        expect(skopeoInspect(place).Digest).toBe(roots(form)[0]!.digest);
      const gzipped = form === "zstd" ? await convertedForUmoci(form) : at(form);
      const bundle = at(`${form}-bundle`);
      umociUnpack(gzipped, "1", bundle);
      for (const runtime of ["crun", "runc"] as const)
        expect(runBundle(runtime, bundle)).toMatchObject({ code: 0, stdout: PRINTS });
    },
  );

  const insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  const copy = (...args: string[]) => run("skopeo", "copy", "--quiet", ...insecure, ...args);

  /** This umoci knows no zstd. */
  async function convertedForUmoci(form: string): Promise<string> {
    const remote = `docker://${registry.host}/${form}:gzip`;
    await copy("--dest-compress", "--dest-compress-format=gzip", `oci:${at(form)}:1`, remote);
    await copy(remote, `oci:${at(form)}-as-gzip:1`);
    return at(`${form}-as-gzip`);
  }

  test.each(FORMS)("%s: from layout to registry to directory and back by skopeo, the digest stays", async (form) => {
    const remote = `docker://${registry.host}/${form}:1`;
    await copy("--preserve-digests", `oci:${at(form)}:1`, remote);
    await copy("--preserve-digests", remote, `dir:${at(form)}-dir`);
    await copy("--preserve-digests", `dir:${at(form)}-dir`, `oci:${at(form)}-back:1`);
    expect(roots(`${form}-back`)[0]!.digest).toBe(roots(form)[0]!.digest);
  });

  test("S-178: one image ID in all forms but estargz, whose layers are others", () => {
    const ids = FORMS.map((form) => manifestIn(form).config.digest);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
  });

  test("row 227: Docker's media types all through, in a layout and in a registry", async () => {
    const name = `${registry.host}/docker:1`;
    await build(
      "-t",
      name,
      "-o",
      "type=registry,oci-mediatypes=false",
      "-o",
      `type=docker,dest=${at("docker")},tar=false,compression=gzip`,
    );
    const manifest = manifestIn("docker");
    expect([
      manifest.mediaType,
      manifest.config.mediaType,
      ...new Set(manifest.layers.map((layer) => layer.mediaType)),
    ]).toEqual([
      "application/vnd.docker.distribution.manifest.v2+json",
      "application/vnd.docker.container.image.v1+json",
      "application/vnd.docker.image.rootfs.diff.tar.gzip",
    ]);
    expect(errorsIn("docker")).toEqual([]);
    const pushed = await run("skopeo", "inspect", "--raw", "--tls-verify=false", `docker://${name}`);
    expect(JSON.parse(pushed)).toEqual(manifest);
  });

  test("row 218: docker's archive names its image; skopeo reads it", async () => {
    await build("-t", "app:1", "-t", "other/app:2", "-o", `type=docker,dest=${at("docker.tar")}`);
    const [entry] = json<{ RepoTags: string[]; Layers: string[] }[]>(unpack("docker.tar"), "manifest.json");
    expect(entry!.RepoTags).toEqual(["docker.io/library/app:1", "docker.io/other/app:2"]);
    expect(skopeoInspect(`docker-archive:${at("docker.tar")}:docker.io/library/app:1`).Layers).toHaveLength(4);
  });

  test("several platforms: an index that the schemas have, with annotations on each level (row 235)", async () => {
    const platforms = "--platform=linux/amd64,linux/arm64";
    const annotations = [
      "a=all",
      "manifest[linux/arm64]:a=arm",
      "index:i=1",
      "manifest-descriptor:d=1",
      "index-descriptor:r=1",
    ].flatMap((text) => ["--annotation", text]);
    const output = `type=oci,dest=${at("both")},tar=false,annotation-index.j=2`;
    await workspace.expectSuccess([
      "build",
      "-q",
      platforms,
      ...annotations,
      "-t",
      "both:1",
      "-o",
      output,
      at("plain"),
    ]);
    expect(errorsIn("both")).toEqual([]);
    const [root] = roots("both");
    expect(root!.annotations).toMatchObject({ r: "1" });
    const index = blobOf<{ manifests: Descriptor[]; annotations: object }>("both", root!);
    expect(index.annotations).toEqual({ i: "1", j: "2" });
    expect(index.manifests.map((one) => [one.platform?.architecture, one.annotations])).toEqual([
      ["amd64", { d: "1" }],
      ["arm64", { d: "1" }],
    ]);
    expect(index.manifests.map((one) => blobOf<Manifest>("both", one).annotations)).toEqual([
      { a: "all" },
      { a: "arm" },
    ]);
  });
});

describe("registries", () => {
  const raw = async (name: string) => run("skopeo", "inspect", "--raw", "--tls-verify=false", `docker://${name}`);

  test("row 224: by digest alone, under no tag; name-canonical says it", async () => {
    const file = at("by-digest.json");
    await build(
      "--metadata-file",
      file,
      "-o",
      `type=registry,name=${registry.host}/nameless,push-by-digest=true,name-canonical=true`,
    );
    const metadata = json<Record<string, string>>("by-digest.json");
    const digest = metadata["containerimage.digest"]!;
    expect(metadata["image.name"]).toBe(`${registry.host}/nameless@${digest}`);
    expect(sha256(await raw(`${registry.host}/nameless@${digest}`))).toBe(digest);
    await expect(raw(`${registry.host}/nameless:latest`)).rejects.toThrow("manifest unknown");
  });

  test("row 222: an image is in the store and in the registry at once, with one digest; each output has names of its own", async () => {
    const here = `${registry.host}/here:1`;
    const there = `${registry.host}/there:1`;
    await build("-o", `type=image,name=${here},push=true`, "-o", `type=registry,name=${there},compression=zstd`);
    const stored = JSON.parse((await workspace.expectSuccess(["images", "--format", "json"])).stdout) as {
      name?: string;
      digest?: string;
    }[];
    expect(JSON.stringify(stored)).toContain(here.split("/")[1]!.split(":")[0]);
    expect(JSON.stringify(stored)).not.toContain("there");
    expect(JSON.parse(await raw(there))).toHaveProperty(
      "layers.3.mediaType",
      "application/vnd.oci.image.layer.v1.tar+zstd",
    );
  });

  test("the metadata file tells of the output that is pushed, wherever it stands", async () => {
    const name = `${registry.host}/pushed:1`;
    const outputs = [
      "-o",
      `type=registry,name=${name}`,
      "-o",
      "type=image,name=kept:1",
      "-o",
      `type=local,dest=${at("f")}`,
    ];
    await build(...outputs, "--metadata-file", at("pushed.json"), "--iidfile", at("pushed.iid"));
    const pushed = await raw(name);
    expect(json("pushed.json")).toMatchObject({
      "containerimage.descriptor": { digest: sha256(pushed) },
      "containerimage.digest": sha256(pushed),
    });
    expect(readFileSync(at("pushed.iid"), "utf8")).toBe((JSON.parse(pushed) as Manifest).config.digest);
  });

  test("store=false leaves nothing in the store; cacheonly (row 221) leaves nothing anywhere", async () => {
    const other = { env: { TSBUILD_HOME: at("other-home") } };
    const output = `type=image,name=${registry.host}/only:1,push=true,store=false`;
    await workspace.expectSuccess(["build", "-q", ...base, "-o", output, "-o", "type=cacheonly", at("context")], other);
    expect(json<{ manifests: Descriptor[] }>("other-home", "index.json").manifests).toEqual([]);
    const { stdout } = await workspace.expectSuccess(
      ["build", "-o", "type=cacheonly", "--metadata-file", at("none.json"), ...base, at("context")],
      other,
    );
    expect(stdout).toBe("");
    expect(Object.keys(json("none.json"))).toEqual(["buildx.build.provenance", "buildx.build.ref"]);
  });
});

describe("--load (row 216)", () => {
  /** Without a docker of this machine. */
  const withEngine = (name: string, script: string) => {
    const bin = at(`bin-${name}`);
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
    for (const tool of ["node", "sh", "cat", "tar", "env", "dirname", "readlink"]) {
      const place = tool === "node" ? process.execPath : execFileSync("which", [tool], { encoding: "utf8" }).trim();
      if (!existsSync(join(bin, tool))) symlinkSync(place, join(bin, tool));
    }
    return { env: { PATH: bin } };
  };

  test("podman has the image, with its ID", async () => {
    const storage = `--root=${at("podman")} --runroot=${at("podman-run")} --storage-driver=vfs`;
    const podman = execFileSync("which", ["podman"], { encoding: "utf8" }).trim();
    const line = `PATH=/usr/sbin:/usr/bin:/sbin:/bin exec ${podman} ${storage} "$@"`;
    const { stdout } = await workspace.expectSuccess(
      ["build", "-q", ...base, "-t", "loaded:1", "--load", at("context")],
      withEngine("podman", line),
    );
    const images = execFileSync(
      "podman",
      [...storage.split(" "), "images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"],
      { encoding: "utf8" },
    );
    expect(images).toBe(`docker.io/library/loaded:1 ${stdout}`);
  });

  test("docker comes before podman, and reads the archive from its stdin", async () => {
    const engine = withEngine("docker", `[ "$1" = version ] || exec tar -xO manifest.json >${at("seen.json")}`);
    await workspace.expectSuccess(
      ["build", "-q", ...base, "-t", "loaded:1", "-o", "type=docker", at("context")],
      engine,
    );
    expect(json<object[]>("seen.json")).toMatchObject([{ RepoTags: ["docker.io/library/loaded:1"] }]);
  });

  test("what the engine says when it refuses is told; without one, what to do", async () => {
    const refusing = withEngine("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
    const args = ["build", ...base, "--load", at("context")];
    expect(await workspace.run(args, refusing)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("docker load failed: Cannot connect to the Docker daemon"),
    });
    const { env } = withEngine("none", "");
    expect(await workspace.run(args, { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("found neither docker nor podman"),
    });
  });
});

describe("files", () => {
  test("rows 219, 220: -o DIR, -o - and type=tar have the files of the image", async () => {
    await build("-o", at("files"), "-o", `type=tar,dest=${at("files.tar")}`);
    expect(readFileSync(at("files/d/same"), "utf8")).toBe("one\n");
    expect(existsSync(at("files/etc/group"))).toBe(false);
    expect(readdirSync(at("files/d/old"))).toEqual(["new"]);
    const piped = await workspace.expectSuccess(["build", ...base, "-o", "-", at("plain")]);
    writeFileSync(at("plain.tar"), piped.stdout);
    expect(execFileSync("tar", ["-tf", at("plain.tar")], { encoding: "utf8" })).toBe("text\n");
    expect(execFileSync("tar", ["-tvf", at("files.tar"), "d/one"], { encoding: "utf8" })).toMatch(/^-rwsr-xr-x/);
  });

  test("of several platforms each has a folder", async () => {
    await workspace.expectSuccess([
      "build",
      "-q",
      "--platform=linux/amd64,linux/arm64",
      "-o",
      at("split"),
      at("plain"),
    ]);
    expect(readdirSync(at("split")).sort()).toEqual(["linux_amd64", "linux_arm64"]);
    const { code, stderr } = await workspace.run([
      "build",
      "--platform=linux/amd64,linux/arm64",
      "-o",
      `type=tar,dest=${at("x")},platform-split=false`,
      at("plain"),
    ]);
    expect({ code, stderr }).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("would overwrite each other"),
    });
  });
});

describe("what becomes of the image", () => {
  test.each(["new", "all", "2-3"])("row 240: --squash=%s runs as before", async (layers) => {
    const layout = `squash-${layers}`;
    await build("-t", "app:1", `--squash=${layers}`, "-o", `type=oci,dest=${at(layout)},tar=false`);
    expect(errorsIn(layout)).toEqual([]);
    expect(manifestIn(layout).layers).toHaveLength({ new: 2, all: 1, "2-3": 3 }[layers]!);
    const bundle = at(`${layout}-bundle`);
    const root = umociUnpack(at(layout), "1", bundle);
    expect(existsSync(join(root, "etc/group"))).toBe(false);
    expect(readdirSync(join(root, "d/old"))).toEqual(["new"]);
    expect(runBundle("crun", bundle)).toMatchObject({ code: 0, stdout: PRINTS });
  });

  test("rows 236 to 239: labels and variables taken away, history left out, identity added", async () => {
    const layout = "edited";
    const flags = [
      "--unsetenv=GONE",
      "--unsetlabel=gone",
      "--omit-history",
      "--identity-label",
      "--created-annotation",
    ];
    await build(...flags, "--label=own=1", "-o", `type=oci,dest=${at(layout)},tar=false`);
    const manifest = manifestIn(layout);
    const { config, history, created } = blobOf<{
      config: { Env: string[]; Labels: object };
      history: [];
      created: string;
    }>(layout, manifest.config);
    expect(config.Env.filter((variable) => /^(KEPT|GONE)=/.test(variable))).toEqual(["KEPT=1"]);
    expect(config.Labels).toEqual({ "io.tsbuild.version": expect.any(String), kept: "yes", own: "1" });
    expect(history).toEqual([]);
    expect(manifest.annotations).toEqual({ "org.opencontainers.image.created": created });
    expect(errorsIn(layout)).toEqual([]);
  });

  test("row 237: labels of the base are taken over, unless --inherit-labels=false", async () => {
    await build("-t", "labelled:1");
    workspace.files("child", { Dockerfile: "FROM labelled:1\nLABEL mine=1\n" });
    const labelsWith = async (layout: string, ...flags: string[]) => {
      await workspace.expectSuccess([
        "build",
        "-q",
        ...flags,
        "-o",
        `type=oci,dest=${at(layout)},tar=false`,
        at("child"),
      ]);
      return blobOf<{ config: { Labels: object } }>(layout, manifestIn(layout).config).config.Labels;
    };
    expect(await labelsWith("child-1")).toEqual({ gone: "yes", kept: "yes", mine: "1" });
    expect(await labelsWith("child-2", "--inherit-labels=false")).toEqual({ mine: "1" });
    expect(await labelsWith("child-3", "--unsetlabel=kept")).toEqual({ gone: "yes", mine: "1" });
  });

  test.each([
    [["-o", "type=oci,dest=x,compression=zstd,oci-mediatypes=false"], "Docker's media types have no zstd", 125],
    [["--annotation", "index:a=b"], "the image of one platform has none", 125],
    [["--squash=9-12"], "expected layers between 1 and 4 to squash, found 9-12", 125],
    [["--squash=9"], "--squash=9 is one layer, which stays as it is", 125],
    [["--squash=2-2"], "--squash=2-2 is one layer, which stays as it is", 125],
    [["--rewrite-timestamp"], "rewrite-timestamp needs a time to rewrite to", 125],
    [
      ["--verify-reproducible", "-o", "type=image,rewrite-timestamp=false"],
      "that is verified has its times rewritten",
      125,
    ],
    [["-o", "type=local,dest=.,mode=delete"], "mode=delete would empty", 125],
    [["-o", "type=oci,dest=/etc/passwd/x.tar"], 'cannot write "/etc/passwd/x.tar"', 1],
    [["-o", "-", "-o", "type=oci,dest=-"], "only one output can go to stdout", 125],
    [["--squash", "--cache-to=type=inline"], "an inline cache is of the layers that steps made", 125],
    [["--squash=some"], "--squash=some: expected new, all, or numbers of layers", 125],
    [["--layer-label=x=y"], "--layer-label is not supported by this version", 125],
  ] as const)("%j is refused by name", async (args, message, code) => {
    const result = await fail(...args);
    expect(result.stderr).toContain(message);
    expect(result.code).toBe(code);
  });
});

test("row 226: the metadata file has buildx's keys", async () => {
  const { stdout } = await build(
    "-t",
    "meta:1",
    "--iidfile",
    at("iid"),
    "--metadata-file",
    at("meta.json"),
    "-o",
    `type=oci,dest=${at("meta.tar")}`,
  );
  const metadata = json<Record<string, unknown>>("meta.json");
  const [root] = roots(unpack("meta.tar"));
  expect(metadata).toEqual({
    "buildx.build.provenance": {
      buildType: "urn:tsbuild:dockerfile:v1",
      materials: [{ uri: expect.stringMatching(/^pkg:oci\/busybox@sha256%3A/), digest: expect.any(Object) }],
      invocation: expect.objectContaining({ configSource: { entryPoint: "Dockerfile" } }),
    },
    "buildx.build.ref": expect.stringMatching(/^tsbuild\/tsbuild0\/\S+$/),
    "containerimage.config.digest": stdout.trim(),
    "containerimage.descriptor": { mediaType: root!.mediaType, digest: root!.digest, size: root!.size },
    "containerimage.digest": root!.digest,
    "image.name": "docker.io/library/meta:1",
  });
  expect(readFileSync(at("iid"), "utf8")).toBe(stdout.trim());
});

test("a device is written through, and stays a device; so is a link", async () => {
  const device = join(workspace.path, "device");
  execFileSync("mknod", [device, "c", "1", "3"]);
  const target = join(workspace.path, "target");
  const link = join(workspace.path, "link");
  writeFileSync(target, "");
  symlinkSync(target, link);
  const context = workspace.files("through", { Dockerfile: "FROM scratch\nCOPY a /a\n", a: "content" });
  await workspace.expectSuccess(["-t", "through", context]);
  for (const place of [device, link]) {
    for (const type of ["oci", "tar", "docker"])
      await workspace.expectSuccess(["-t", "through", "-o", `type=${type},dest=${place}`, context]);
    await workspace.expectSuccess(["copy", "store:through", `oci-archive:${place}`]);
    await workspace.expectSuccess(["report", "-o", place, "through"]);
  }
  expect(lstatSync(device).isCharacterDevice()).toBe(true);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toContain("<html");
});

describe("what Buildah has for the image", () => {
  test("rows 128, 225, 227, 294: one time for all new files, Docker's media types, files with digests", async () => {
    const files = ["--iidfile-raw", at("raw"), "--digestfile", at("digest"), "--compress"];
    const flags = ["--timestamp=1000000000", "--format=docker", "--os-version=1.2", "--layers=false", ...files];
    const output = ["-o", `type=oci,dest=${at("stamped")},tar=false`];
    const { stderr } = await workspace.expectSuccess(["build", ...base, ...flags, ...output, at("context")]);
    expect(stderr).toContain("note: --compress has no effect");
    const [root] = roots("stamped");
    expect(readFileSync(at("digest"), "utf8")).toBe(root!.digest);
    const { mediaType, config, layers } = manifestIn("stamped");
    expect(mediaType).toBe("application/vnd.docker.distribution.manifest.v2+json");
    expect(`sha256:${readFileSync(at("raw"), "utf8")}`).toBe(config.digest);
    expect(blobOf("stamped", config)).toMatchObject({ "os.version": "1.2", created: "2001-09-09T01:46:40.000Z" });
    expect(layers).toHaveLength(2);
    const listing = execFileSync("tar", ["--utc", "-tvzf", at("stamped/blobs/sha256", layers[1]!.digest.slice(7))]);
    const lines = listing
      .toString()
      .split("\n")
      .filter((line) => line !== "" && !line.includes(".wh."));
    for (const line of lines) expect(line).toContain("2001-09-09 01:46");
  });

  test("row 237: annotations of the base image are taken over, but for some", async () => {
    const plain = ["build", "-q", ...base, at("plain")];
    const marks = ["--annotation=kept=1", "--annotation=gone=1", "-o", `type=oci,dest=${at("marked")},tar=false`];
    await workspace.expectSuccess([...plain, ...marks, "-f", at("context/Dockerfile"), "-t", "marked:1"]);
    workspace.files("above", { Dockerfile: "FROM marked\nCOPY Dockerfile /\n" });
    const above = ["build", "-q", "--build-context", `marked=oci-layout://${at("marked")}`, at("above")];
    const output = (name: string) => ["-o", `type=oci,dest=${at(name)},tar=false`, "--annotation=own=1"];
    await workspace.expectSuccess([...above, ...output("heir"), "--inherit-annotations", "--unsetannotation=gone"]);
    expect(manifestIn("heir").annotations).toEqual({ kept: "1", own: "1" });
    await workspace.expectSuccess([...above, ...output("stranger")]);
    expect(manifestIn("stranger").annotations).toEqual({ own: "1" });
  });

  test("row 122: --manifest fills an index, build by build; it is made of images of the store", async () => {
    const one = (...args: string[]) => ["build", "-q", at("plain"), "--manifest=list:1", ...args];
    await workspace.expectSuccess(one("--arch=amd64"));
    await workspace.expectSuccess(one("--arch=arm64"));
    const { stdout } = await workspace.expectSuccess(["manifest", "inspect", "list:1"]);
    const platforms = (JSON.parse(stdout) as { manifests: Descriptor[] }).manifests.map(({ platform }) => platform);
    expect(platforms).toEqual(["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture })));
    expect(await workspace.run(one("-o", at("nowhere")))).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("an index of the store is made of images of the store"),
    });
  });
});
