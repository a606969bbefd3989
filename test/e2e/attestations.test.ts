// --provenance and --sbom, as other programs see them.
// https://docs.docker.com/build/metadata/attestations/

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Descriptor, hostPlatform, type Index, type Manifest } from "../../oci/index.js";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { type Registry, startRegistry } from "../helpers/registry.js";

const OWN = hostPlatform().architecture;

const workspace = new Workspace();
let registry: Registry;
let base: string[];
let context: string;
beforeAll(async () => {
  registry = await startRegistry();
  base = await baseImageFlags("busybox");
  context = workspace.files("app", {
    Dockerfile: "FROM busybox AS app\nARG TOKEN\nCOPY . /app\nRUN echo hello > /hello\n",
    "node_modules/left-pad/package.json": '{"name":"left-pad","version":"1.3.0","license":"WTFPL"}',
  });
});
afterAll(async () => {
  await registry?.stop();
  workspace.remove();
});

interface Statement {
  readonly _type: string;
  readonly predicateType: string;
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicate: unknown;
}

/** Reads what one image of a layout is said of, blob by blob. */
class Layout {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  json<Value>({ digest }: Pick<Descriptor, "digest">): Value {
    return JSON.parse(readFileSync(join(this.#directory, "blobs/sha256", digest.slice(7)), "utf8")) as Value;
  }

  index(): Index {
    const { manifests } = JSON.parse(readFileSync(join(this.#directory, "index.json"), "utf8")) as Index;
    return this.json<Index>(manifests[0]!);
  }

  statements(): Statement[] {
    const attestation = this.index().manifests[1]!;
    return this.json<Manifest>(attestation).layers.map((layer) => this.json<Statement>(layer));
  }
}

async function built(...flags: string[]): Promise<Layout> {
  const output = join(workspace.path, `layout-${Math.random().toString(36).slice(2)}`);
  await workspace.expectSuccess([...base, "-t", "app:1", "-o", `type=oci,dest=${output},tar=false`, ...flags, context]);
  return new Layout(output);
}

describe("--provenance and --sbom", () => {
  test("stand beside the image in an index, each about its manifest (features 243, 244; S-165)", async () => {
    const layout = await built("--provenance=true", "--sbom=true");
    const [image, attestation] = layout.index().manifests;
    expect(image!.platform).toEqual({ os: "linux", architecture: OWN });
    expect(attestation).toMatchObject({
      platform: { os: "unknown", architecture: "unknown" },
      annotations: {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image!.digest,
      },
    });
    expect(layout.statements()).toMatchObject(
      ["https://slsa.dev/provenance/v1", "https://spdx.dev/Document"].map((predicateType) => ({
        _type: "https://in-toto.io/Statement/v0.1",
        predicateType,
        subject: [{ name: `pkg:docker/app@1?platform=linux%2F${OWN}`, digest: { sha256: image!.digest.slice(7) } }],
      })),
    );
  });

  test("the SBOM has the packages of the image", async () => {
    const [, sbom] = (await built("--attest", "type=provenance", "--attest", "type=sbom")).statements();
    expect(sbom!.predicate).toMatchObject({
      spdxVersion: "SPDX-2.3",
      name: `app:1 (linux/${OWN})`,
      packages: [
        { SPDXID: "SPDXRef-Image" },
        {
          name: "left-pad",
          versionInfo: "1.3.0",
          licenseDeclared: "WTFPL",
          externalRefs: [{ referenceLocator: "pkg:npm/left-pad@1.3.0" }],
        },
      ],
    });
  });

  test("with -o of files they are files, of stages and of the context too where the Dockerfile asks for it", async () => {
    const pad = (name: string) => `{"name":"${name}","version":"1.0.0"}`;
    const source = workspace.files("scanned", {
      Dockerfile: [
        "ARG BUILDKIT_SBOM_SCAN_CONTEXT=true",
        "FROM scratch AS deps",
        "ARG BUILDKIT_SBOM_SCAN_STAGE=true",
        "COPY a /node_modules/a",
        "FROM scratch",
        "COPY --from=deps /node_modules/a/package.json /a.json",
      ].join("\n"),
      "a/package.json": pad("of-stage"),
      "node_modules/b/package.json": pad("of-context"),
    });
    const out = join(workspace.path, "files");
    await workspace.expectSuccess(["build", "-q", "--sbom=true", "--provenance=true", "-o", out, source]);
    const names = ["a.json", "provenance.json", "sbom-context.spdx.json", "sbom-deps.spdx.json", "sbom.spdx.json"];
    expect(readdirSync(out).toSorted()).toEqual(names);
    const read = (name: string) => readFileSync(join(out, name), "utf8");
    expect(JSON.parse(read("provenance.json"))).toMatchObject({ subject: [{ name: "a.json" }] });
    expect(["of-stage", "of-context"].map((name) => names.filter((file) => read(file).includes(`"${name}"`)))).toEqual([
      ["a.json", "sbom-deps.spdx.json"],
      ["sbom-context.spdx.json"],
    ]);
  });

  test("mode=min keeps values of arguments to itself, mode=max tells them and the steps (S-166)", async () => {
    const [min] = (await built("--provenance=mode=min", "--build-arg", "TOKEN=a1b2c3")).statements();
    expect(JSON.stringify(min)).not.toMatch(/a1b2c3|echo hello/);
    const [max] = (
      await built("--provenance=mode=max,builder-id=https://ci.example/1", "--build-arg", "TOKEN=a1b2c3")
    ).statements();
    expect(max!.predicate).toMatchObject({
      buildDefinition: { externalParameters: { request: { args: { "build-arg:TOKEN": "a1b2c3" } } } },
      runDetails: { builder: { id: "https://ci.example/1" } },
    });
    expect(JSON.stringify(max)).toContain("RUN echo hello > /hello");
  });

  test("mode=max names secrets by their ids", async () => {
    const [max] = (await built("--provenance=mode=max", "--secret", "id=npm,env=NPM_TOKEN", "--sbom=1")).statements();
    expect(max!.predicate).toMatchObject({
      buildDefinition: { externalParameters: { request: { secrets: [{ id: "npm", optional: true }] } } },
    });
  });

  test("with SOURCE_DATE_EPOCH the same input gives the same index", async () => {
    const epoch = ["--build-arg", "SOURCE_DATE_EPOCH=1700000000", "--rewrite-timestamp"];
    const flags = ["--provenance=mode=max", "--sbom=true", ...epoch];
    const [first, again] = [await built(...flags, "--no-cache"), await built(...flags, "--no-cache")];
    expect(again.index()).toEqual(first.index());
  });

  test("mode=max says the same of the Dockerfile from any working directory", async () => {
    const digestIn = async (cwd: string, ...args: string[]) => {
      const epoch = ["--source-date-epoch=1600000000", "--rewrite-timestamp", "--provenance=mode=max"];
      const dest = join(workspace.path, `cwd-${cwd === context}.tar`);
      const files = ["--metadata-file", `${dest}.json`, "-o", `type=oci,dest=${dest}`];
      await workspace.expectSuccess(["build", "-q", ...base, ...epoch, ...files, ...args], { cwd });
      const metadata = JSON.parse(readFileSync(`${dest}.json`, "utf8")) as Record<string, unknown>;
      return metadata["containerimage.digest"];
    };
    expect(await digestIn(context, ".")).toBe(await digestIn(workspace.path, "-f", "app/Dockerfile", "app"));
  });

  test("oci-artifact=true: the image is the subject, and the registry lists it as a referrer (features 245)", async () => {
    const name = `${registry.host}/artifact/app:1`;
    const output = `type=registry,name=${name},oci-artifact=true`;
    await workspace.expectSuccess([...base, "--provenance=true", "-o", output, context]);
    const index = JSON.parse(
      execFileSync("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${name}`], { encoding: "utf8" }),
    ) as Index;
    const [image, attestation] = index.manifests;
    const manifest = JSON.parse(
      execFileSync(
        "skopeo",
        ["inspect", "--raw", "--tls-verify=false", `docker://${registry.host}/artifact/app@${attestation!.digest}`],
        { encoding: "utf8" },
      ),
    ) as Manifest;
    expect(manifest).toMatchObject({
      artifactType: "application/vnd.docker.attestation.manifest.v1+json",
      subject: { digest: image!.digest },
    });
  });

  test("an image of the store that is pushed later takes along what is said of it, about the manifest that is pushed", async () => {
    const name = `${registry.host}/later/app:1`;
    await workspace.expectSuccess([...base, "--provenance=true", "--sbom=true", "-t", name, context]);
    await workspace.expectSuccess(["push", name]);
    const copy = join(workspace.path, "copy");
    execFileSync("skopeo", ["copy", "--quiet", "--all", "--src-tls-verify=false", `docker://${name}`, `oci:${copy}:x`]);
    const layout = new Layout(copy);
    const [image] = layout.index().manifests;
    const [provenance, sbom] = layout.statements();
    for (const { subject } of [provenance!, sbom!]) expect(subject[0]!.digest.sha256).toBe(image!.digest.slice(7));
  });

  test.each([
    [["--provenance=mode=most"], "expected min or max"],
    [["--provenance=version=v0.1"], "expected v1 or v0.2"],
    [["--sbom=generator=x/y"], "tsbuild reads the image itself"],
    [["--attest", "type=vex"], "expected type=sbom or type=provenance"],
    [["--provenance=true", "-o", "type=docker,dest=x.tar"], "has no place for attestations"],
  ])("%j is refused", async (flags, message) => {
    const { code, stderr } = await workspace.run([...base, ...flags, context]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
