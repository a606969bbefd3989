// Times of files that a step sets are what it made; times that merely pass are not (docs/architecture.md, How a step is looked up).

import { execFileSync } from "node:child_process";
import { statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";

const workspace = new Workspace();
let base: string[];
beforeAll(async () => void (base = await baseImageFlags("busybox")));
afterAll(() => workspace.remove());

let count = 0;
/** Builds, and puts the files of the image in a folder. */
async function build(context: string, lines: readonly string[], flags: readonly string[] = []) {
  workspace.files(context, { Dockerfile: lines.join("\n") });
  const output = join(workspace.path, `output-${(count += 1)}`);
  const tag = `image:${count}`;
  const args = ["build", ...base, ...flags, "-t", tag, "-o", output, "-o", "type=image", "--progress=plain", context];
  const { stderr } = await workspace.expectSuccess(args);
  const inspected = await workspace.expectSuccess(["inspect", tag]);
  const [{ Created, RootFS }] = JSON.parse(inspected.stdout);
  return {
    year: (path: string) => statSync(join(output, path)).mtime.getUTCFullYear(),
    created: Date.parse(Created),
    layers: RootFS.Layers as string[],
    stderr,
  };
}

test("S-165: a step that only sets the time of a file makes a layer, and what follows runs again", async () => {
  const lines = (year: number) => [
    "FROM busybox",
    "RUN echo a >/file && touch -d 2001-01-01 /file",
    `RUN touch -d ${year}-01-01 /file`,
    "RUN date -u -r /file +%Y >/year",
    "FROM scratch",
    "COPY --from=0 /file /year /",
  ];
  const first = await build("set", lines(2003));
  expect(first.year("file")).toBe(2003);
  const other = await build("set", lines(2011));
  expect(other.year("file")).toBe(2011);
  expect(other.stderr).not.toContain("RUN date -u -r /file +%Y >/year\n#6 CACHED");
  expect((await build("set", lines(2003))).layers).toEqual(first.layers);
});

test("S-189: a step that ran again with an equal result keeps the layer, and the image says when it ran", async () => {
  const lines = ["FROM busybox", "RUN --mount=type=bind,target=/c cp /c/a /a; cat /c/b", "RUN echo more >/more"];
  workspace.files("again", { a: "a", b: "1" });
  const first = await build("again", lines);
  workspace.files("again", { b: "2" });
  const second = await build("again", lines);
  expect(second.layers).toEqual(first.layers);
  expect(second.stderr).toMatch(/RUN echo more >\/more\n#\d+ CACHED/);
});

test("S-172: an image is not older than the build that ran its step, though an equal layer was there", async () => {
  await build("one", ["FROM busybox", "RUN true"]);
  const before = Date.now();
  const two = await build("two", ["FROM busybox", "RUN : else"]);
  expect(two.created).toBeGreaterThanOrEqual(before);
});

test("--no-cache takes the times that the files of the context have now", async () => {
  const context = workspace.files("context", { file: "x" });
  const lines = ["FROM scratch", "COPY file /"];
  for (const [year, expected, flags] of [
    [2001, 2001, []],
    [2009, 2001, []],
    [2009, 2009, ["--no-cache"]],
  ] as const) {
    utimesSync(join(context, "file"), new Date(Date.UTC(year)), new Date(Date.UTC(year)));
    expect((await build("context", lines, flags)).year("file")).toBe(expected);
  }
});

test("an archive with other times is another layer", async () => {
  const context = workspace.files("archive", { "in/file": "x" });
  for (const year of [2001, 2009]) {
    const times = ["--sort=name", `--mtime=${year}-06-01`, "--owner=0", "--group=0"];
    execFileSync("tar", ["cf", join(context, "a.tar"), ...times, "-C", join(context, "in"), "file"]);
    expect((await build("archive", ["FROM scratch", "ADD a.tar /"])).year("file")).toBe(year);
  }
});
