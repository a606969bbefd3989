// What must hold for a real project: it is built, checked with other tools, run, pushed, and built again.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { copySync } from "fs-extra/esm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FileTree, indexLayer } from "../../filesystem/index.js";
import { Workspace } from "../helpers/cli.js";
import { type BaseImage, baseImageFlags } from "../helpers/images.js";
import { runBundle, skopeoInspect, umociUnpack } from "../helpers/other-tools.js";
import { stepsThatRan } from "../helpers/plain-progress.js";
import { type Registry, startRegistry } from "../helpers/registry.js";
import { describeTree, scanTree, treeDifferences } from "../helpers/scan-tree.js";
import { validateLayout } from "../helpers/validate-image.js";

export interface Change {
  readonly says: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The steps that read the file, or what was made of it. Everything else must come from the cache. */
  readonly reruns: readonly string[];
  /** What the image prints afterwards, when it is not the same as before. */
  readonly output?: string;
}

export interface Project {
  readonly name: string;
  readonly bases: readonly BaseImage[];
  readonly output: string;
  readonly changes: readonly Change[];
}

/** Tests fixtures/projects/`name`. To be called at the top of a test file. */
export function testProject({ name, bases, output, changes }: Project): void {
  const workspace = new Workspace();
  const context = join(workspace.path, "context");
  const layout = join(workspace.path, "layout");
  const bundle = join(workspace.path, "bundle");
  const outputs = ["-o", "type=image", "-o", `type=oci,dest=${layout},tar=false`];
  let flags: string[];
  let registry: Registry;

  beforeAll(async () => {
    registry = await startRegistry();
    copySync(resolve("fixtures/projects", name), context);
    if (name === "node-app") writeFileSync(join(context, ".npmrc"), npmConfiguration());
    flags = ["build", "--progress=plain", "-t", `${name}:1`, ...(await baseImageFlags(...bases))];
  });
  afterAll(async () => {
    workspace.remove();
    await registry.stop();
  });

  test("builds an image whose every claim holds", async () => {
    const files = { metadata: join(workspace.path, "metadata.json"), id: join(workspace.path, "id") };
    const results = ["--metadata-file", files.metadata, "--iidfile", files.id];
    await workspace.expectSuccess([...flags, ...outputs, ...results, context]);
    const image = validateLayout(layout);
    const metadata = JSON.parse(readFileSync(files.metadata, "utf8")) as Record<string, unknown>;
    expect(metadata["containerimage.digest"]).toBe(image.descriptor.digest);
    expect(readFileSync(files.id, "utf8")).toBe(image.manifest.config.digest);
  });

  test("skopeo reads it, and umoci unpacks what tsbuild indexed", async () => {
    const { tag, descriptor, layers } = validateLayout(layout);
    expect(skopeoInspect(`oci:${layout}:${tag}`).Digest).toBe(descriptor.digest);
    let tree = FileTree.empty;
    for (const layer of layers) tree = tree.apply((await indexLayer(Readable.from([layer]))).changes);
    expect(treeDifferences(scanTree(umociUnpack(layout, tag, bundle)), describeTree(tree))).toEqual([]);
  });

  test.each(["crun", "runc"] as const)("runs under %s", (runtime) => {
    expect(runBundle(runtime, bundle)).toEqual({ code: 0, stdout: output, stderr: "" });
  });

  test("runs in the sandbox", async () => {
    const { stdout } = await workspace.expectSuccess(["run", `${name}:1`]);
    expect(stdout).toBe(output);
  });

  test("is cached whole the second time, and has the same digest", async () => {
    const before = validateLayout(layout).descriptor.digest;
    const { stderr } = await workspace.expectSuccess([...flags, ...outputs, context]);
    expect(stepsThatRan(stderr)).toEqual([]);
    expect(validateLayout(layout).descriptor.digest).toBe(before);
  });

  test("is pushed to a registry, and comes back from it", async () => {
    const remote = `${registry.host}/${name}:1`;
    await workspace.expectSuccess(["build", "-t", remote, "--push", ...flags.slice(4), context]);
    const pushed = skopeoInspect(`docker://${remote}`);
    expect(pushed.Layers.length).toBeGreaterThan(0);
    const other = new Workspace();
    await other.expectSuccess(["pull", remote]);
    const { stdout } = await other.expectSuccess(["run", remote]);
    expect(stdout).toBe(output);
    other.remove();
  });

  test.each(changes)("runs again exactly what depends on $says", async ({ file, from, to, reruns, ...then }) => {
    const path = join(context, file);
    const text = readFileSync(path, "utf8");
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
    const { stderr } = await workspace.expectSuccess([...flags, context]);
    expect(stepsThatRan(stderr).sort()).toEqual([...reruns].sort());
    const { stdout } = await workspace.expectSuccess(["run", `${name}:1`]);
    expect(stdout).toBe(then.output ?? output);
  });
}

/** How this machine's npm reaches the registry. */
function npmConfiguration(): string {
  const get = (key: string) => execFileSync("npm", ["config", "get", key], { encoding: "utf8", cwd: "/" }).trim();
  const cafile = get("cafile");
  const certificates = cafile === "null" ? "" : "cafile=/etc/ssl/certs/ca-certificates.crt\n";
  return `registry=${get("registry")}\n${certificates}`;
}
