// The Dockerfiles of fixtures/dockerfiles-real that need no network are built and run.

import { resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { type BaseImage, baseImage } from "../helpers/images.js";

interface Built {
  readonly name: string;
  /** The image that each name after FROM stands for here. */
  readonly bases: Readonly<Record<string, BaseImage>>;
  /** A stage that fails when the tests of the project do. */
  readonly test?: string;
  readonly args?: readonly string[];
  readonly output: string;
}

const built: readonly Built[] = [
  {
    name: "static-site",
    bases: { "busybox:1.36": "busybox" },
    args: ["cat", "index.html", "index.txt"],
    output: "<html>\n<p>Hello</p>\n</html>\nindex.html\nindex.txt\n",
  },
  { name: "c-static", bases: { "gcc:13": "gcc" }, test: "test", output: "2 3 5 7 11 13 17 19\n" },
  {
    name: "key-value-server",
    bases: { "gcc:13": "gcc", "debian:bookworm-slim": "debian" },
    output: "as store in /data\nstore 1.2.0\n",
  },
  { name: "python-service", bases: { "python:3.12-slim": "python" }, test: "test", output: "Hello, world!\n" },
  { name: "node-workspaces", bases: { "node:20-bookworm-slim": "node" }, output: "total 6 in production\n" },
  { name: "shell-toolbox", bases: { "busybox:1.36": "busybox" }, output: "now\n" },
  { name: "onbuild-chain", bases: { "busybox:1.36": "busybox" }, output: "name=demo\nmode=release\nbuilt=yes\n" },
];

const workspace = new Workspace();
afterAll(() => workspace.remove());

describe.each(built)("$name", ({ name, bases, test: stage, args = [], output }) => {
  const context = resolve("fixtures/dockerfiles-real", name);
  const flags = async () => {
    const images = Object.entries(bases).map(async ([from, base]) => `${from}=oci-layout://${await baseImage(base)}`);
    return (await Promise.all(images)).flatMap((image) => ["--build-context", image]);
  };

  test("is built and runs", async () => {
    await workspace.expectSuccess(["build", "-t", `${name}:1`, ...(await flags()), context]);
    const { stdout } = await workspace.expectSuccess(["run", `${name}:1`, ...args]);
    expect(stdout).toBe(output);
  });

  test("has nothing that the checks find, with its base images known", async () => {
    const targets = stage === undefined ? [] : ["--target", stage];
    if (stage !== undefined) await workspace.expectSuccess(["build", ...targets, ...(await flags()), context]);
    const { stdout } = await workspace.expectSuccess(["build", "--check", ...(await flags()), context]);
    expect(stdout).toBe("Check complete, no warnings found.\n");
  });
});
