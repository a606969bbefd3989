// The store as users treat it: given by a relative path, damaged, read-only, shared with another machine through a registry.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { skopeoInspect } from "../helpers/other-tools.js";
import { type Registry, startRegistry } from "../helpers/registry.js";

let busybox: string[];
let registry: Registry;
let workspace: Workspace;
beforeAll(async () => {
  busybox = await baseImageFlags("busybox");
  registry = await startRegistry();
});
afterAll(() => registry.stop());
beforeEach(() => void (workspace = new Workspace()));
afterEach(() => workspace.remove());

const context = (dockerfile = "FROM busybox\nRUN echo made >/made\n") =>
  workspace.files("context", { Dockerfile: dockerfile });

test("a relative --home is where it says, and steps run from it", async () => {
  const { code } = await workspace.run(["build", "-q", "--home", "relative/store", ...busybox, "."], {
    cwd: context(),
  });
  expect(code).toBe(0);
  expect(statSync(join(workspace.path, "context/relative/store/oci-layout")).isFile()).toBe(true);
});

test.each(["/proc/x", "/proc/self/x/y"])(
  "a store that cannot be made at %s is said, and nothing hangs",
  async (home) => {
    const { code, stderr } = await workspace.run(["build", "--home", home, ...busybox, context()]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot make the directory "\/proc/);
    expect(stderr).not.toMatch(/internal error/);
  },
);

test("S-178 what is pushed has the image ID that the build told", async () => {
  const name = `${registry.host}/app:1`;
  const { stdout } = await workspace.expectSuccess(["build", "-q", "-t", name, ...busybox, context()]);
  await workspace.expectSuccess(["push", name]);
  const other = new Workspace();
  try {
    await other.expectSuccess(["pull", name]);
    const { stdout: table } = await other.expectSuccess(["images"]);
    expect(table).toContain(stdout.trim().slice("sha256:".length, "sha256:".length + 12));
  } finally {
    other.remove();
  }
});

test("a damaged blob is dropped when it is read, and the next build makes it again", async () => {
  const name = `${registry.host}/damaged:1`;
  await workspace.expectSuccess(["build", "-q", "-t", name, "--output=type=image,push=true", ...busybox, context()]);
  const blobs = join(workspace.home, "blobs/sha256");
  const manifest = readdirSync(blobs).find((blob) => readFileSync(join(blobs, blob), "latin1").includes('"diff_ids"'))!;
  const path = join(blobs, manifest);
  const bytes = readFileSync(path);
  bytes[10]! ^= 1;
  writeFileSync(path, bytes);
  const build = ["build", "--progress=plain", "-t", name, "--output=type=image,push=true", ...busybox, context()];
  for (let attempt = 0; attempt < 2; attempt++) await workspace.run(build);
  await workspace.expectSuccess(build);
  expect(skopeoInspect(`docker://${name}`)).toBeDefined();
});

test("S-172 SOURCE_DATE_EPOCH dates history and image, whatever the store has", async () => {
  await workspace.expectSuccess(["build", "-q", ...busybox, context()]);
  await workspace.expectSuccess(["build", "-q", "-t", "dated:1", ...busybox, context()], {
    env: { SOURCE_DATE_EPOCH: "1000000000" },
  });
  const { stdout } = await workspace.expectSuccess(["inspect", "--format={{.Created}}", "dated:1"]);
  expect(stdout).toContain("2001-09-09T01:46:40");
});

test("a layer with a secret in it is no answer for a build that was not given the secret", async () => {
  const folder = context("FROM busybox\nRUN --mount=type=secret,id=q cp /run/secrets/q /leak || true\n");
  const secret = join(workspace.files("secrets", { q: "a-very-secret-value\n" }), "q");
  const first = await workspace.run(["build", "--secret", `id=q,src=${secret}`, ...busybox, folder]);
  expect({ code: first.code, told: first.stderr.includes('the secret "q" is in the file "/leak"') }).toEqual({
    code: 1,
    told: true,
  });
  await workspace.expectSuccess(["build", "-q", "-t", "clean:1", ...busybox, folder]);
  const { code } = await workspace.run(["run", "clean:1", "cat", "/leak"]);
  expect(code).toBe(1);
});
