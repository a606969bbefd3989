import { describe, expect, test } from "vitest";
import { describeChanges, explain } from "../../../executor/why/index.js";
import { sha256 } from "../../../oci/index.js";
import { entriesOf } from "../copy/memory-source.js";

const layer = { diffID: sha256("tar"), content: sha256("content"), size: 3, created: "2026-01-01T00:00:00.000Z" };
const record = (inputs: unknown) => ({ version: 1 as const, inputs, layer, duration: 1 });
const options = {
  madeBy: (content: string) => (content === sha256("made") ? "[2/3] COPY . ." : undefined),
  layerChanges: () => "1 file changed: a",
};
const run = { op: "run", args: ["/bin/sh", "-c", "make"], env: ["A=1", "B=2"], root: [sha256("base"), sha256("one")] };

describe("explain()", () => {
  const table: readonly (readonly [string, object, string | undefined])[] = [
    ["nothing", {}, undefined],
    ["the command", { args: ["/bin/sh", "-c", "make all"] }, "the command changed"],
    ["a variable", { env: ["A=1", "B=3"] }, 'ARG or ENV B "2" -> "3"'],
    ["a new variable and one that is gone", { env: ["A=1", "C=3"] }, 'ARG or ENV C unset -> "3", B "2" -> unset'],
    [
      "many variables",
      { env: ["A=2", "B=3", "C=1", "D=1", "E=1"] },
      'ARG or ENV A "1" -> "2", B "2" -> "3", C unset -> "1" and 2 more',
    ],
    ["a variable that may be a secret", { env: ["A=1", "B=2", "NPM_TOKEN=abc"] }, "ARG or ENV NPM_TOKEN (not shown)"],
    ["a layer that this build made", { root: [sha256("base"), sha256("made")] }, "follows [2/3] COPY . ."],
    ["the base image", { root: [sha256("other"), sha256("one")] }, "the base image changed"],
    ["a step that is gone", { root: [sha256("base")] }, "a step before it is gone"],
    ["another field", { user: "app" }, "user changed"],
  ];
  test.each(table)("names %s", (_name, change, expected) => {
    expect(explain(record(run), { ...run, ...change }, options)).toBe(expected);
  });

  test("asks for the files when the sources of a COPY changed", () => {
    const copy = { op: "copy", sources: [{ path: ".", files: "sha256:1" }], root: [] };
    expect(explain(record(copy), { ...copy, sources: [{ path: ".", files: "sha256:2" }] }, options)).toBe(
      "1 file changed: a",
    );
  });
});

describe("describeChanges()", () => {
  const then = entriesOf({ a: "1", b: "2", c: "3" });
  const table: readonly (readonly [string, ReturnType<typeof entriesOf>, string | undefined])[] = [
    ["nothing but times", then.map((entry) => ({ ...entry, mtime: 5 })), undefined],
    ["content", entriesOf({ a: "x", b: "2", c: "3" }), "1 file changed: a"],
    ["mode", entriesOf({ a: { ...then[0]!, mode: 0o755 }, b: "2", c: "3" }), "1 file changed: a (mode 644 -> 755)"],
    ["owner", entriesOf({ a: { ...then[0]!, uid: 7 }, b: "2", c: "3" }), "1 file changed: a (owner 0:0 -> 7:0)"],
    ["added and removed", entriesOf({ a: "1", b: "2", d: "4" }), "2 files changed: d (new), c (removed)"],
    ["type", entriesOf({ a: { target: "b" }, b: "2", c: "3" }), "1 file changed: a (file -> symlink)"],
    ["many", entriesOf({ a: "x", b: "x", c: "x", d: "x" }), "4 files changed: a, b, c and 1 more"],
  ];
  test.each(table)("tells %s", (_name, now, expected) => {
    expect(describeChanges(then, now)).toBe(expected);
  });
});
