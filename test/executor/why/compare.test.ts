import { describe, expect, test } from "vitest";
import { type Change, compareInputs, compareLayers, describeChanges } from "../../../executor/why/index.js";
import { sourcePath } from "../../../executor/why/source-path.js";
import { sha256 } from "../../../oci/index.js";
import { entriesOf } from "../copy/memory-source.js";

const file = (path: string): Change & { kind: "file" } => ({ kind: "file", path, what: "content" });
const options = {
  madeBy: (content: string) => (content === sha256("made") ? "[2/3] COPY . ." : undefined),
  layerChanges: () => [file("app/a")],
};
const run = { op: "run", args: ["/bin/sh", "-c", "make"], env: ["A=1", "B=2"], root: [sha256("base"), sha256("one")] };
const said = (then: unknown, now: unknown) => describeChanges(compareInputs(then, now, options));

describe("compareInputs()", () => {
  const table: readonly (readonly [string, object, string])[] = [
    ["nothing", {}, ""],
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
    ["another field", { user: "app" }, 'user unset -> "app"'],
    ["a mount that is new", { mounts: [{ type: "tmpfs", target: "/t" }] }, 'the tmpfs mount unset -> "/t"'],
    [
      "the base image beside a change of the step's own, and not what only follows",
      { args: ["make"], root: [sha256("other")] },
      "the command changed; the base image changed",
    ],
    ["own changes before those of other steps", { user: "a", root: [sha256("made")] }, 'user unset -> "a"'],
  ];
  test.each(table)("names %s", (_name, change, expected) => {
    expect(said(run, { ...run, ...change })).toBe(expected);
  });

  test("tells the files of a COPY by their paths in the context", () => {
    const copy = { op: "copy", sources: [{ path: ".", files: "sha256:1" }], destination: "/app/", root: [] };
    expect(said(copy, { ...copy, sources: [{ path: ".", files: "sha256:2" }] })).toBe("1 file changed: a");
  });
});

describe("compareInputs() of mounts", () => {
  const bind = (content: string, target = "/m") => ({ type: "bind", target, readonly: true, content: sha256(content) });
  const cache = (target: string) => ({ type: "cache", target, readonly: false });
  const listings = new Map([
    [sha256("1"), entriesOf({ a: "1", "b/c": "2" })],
    [sha256("2"), entriesOf({ a: "x", "b/d": "2" })],
  ]);
  const between = (then: unknown[], now: unknown[], more = {}) =>
    describeChanges(
      compareInputs(
        { ...run, mounts: then },
        { ...run, mounts: now },
        {
          ...options,
          listing: (content) => listings.get(content),
          ...more,
        },
      ),
    );

  test("names the files of a bind mount of the context, where they are known", () => {
    expect(between([bind("1")], [bind("2")])).toBe("3 files changed: a, b/d (new), b/c (removed)");
    expect(between([bind("1")], [bind("3")])).toBe("what is mounted at /m changed");
  });

  test("what is mounted from a stage follows the step that made it other", () => {
    const more = { mountedThen: { "/m": [sha256("base")] }, mountedNow: { "/m": [sha256("made")] } };
    expect(between([bind("1")], [bind("2")], more)).toBe("follows [2/3] COPY . .");
  });

  test("tells a target that moved, and mounts that came and went", () => {
    expect(between([cache("/c"), bind("1")], [cache("/cc"), bind("1")])).toBe(
      'target of the cache mount "/c" -> "/cc"',
    );
    expect(between([cache("/c")], [bind("1")])).toBe('the bind mount unset -> "/m"; the cache mount "/c" -> unset');
    expect(between([cache("/a"), cache("/b")], [cache("/b"), cache("/a")])).toBe("the order of mounts changed");
  });
});

test("compareInputs() tells an archive by its name and size, whatever became of the files in it", () => {
  const add = (content: string) => ({
    op: "copy",
    sources: [{ path: "x.tar", files: sha256(content) }],
    destination: "/x/",
  });
  const listings = new Map(["1", "22"].map((content) => [sha256(content), entriesOf({ "x.tar": content })]));
  const told = (files: readonly (Change & { kind: "file" })[]) =>
    describeChanges(
      compareInputs(add("1"), add("22"), {
        ...options,
        layerChanges: () => files,
        listing: (content) => listings.get(content),
      }),
    );
  expect(told([])).toBe("the content of x.tar changed (1 -> 2 bytes)");
  expect(told([file("x/a")])).toBe("the content of x.tar changed (1 -> 2 bytes); 1 file changed: x.tar/a");
  expect(told([file("x/x.tar")])).toBe("1 file changed: x.tar");
});

describe("compareInputs() with another base image", () => {
  const image = { from: "docker.io/library/base:1@sha256:11", to: "docker.io/library/base:1@sha256:22" };
  const told = (now: object) => describeChanges(compareInputs(run, { ...run, ...now }, { ...options, image }));

  test("tells it before the variables that come from it, and not where the step has a change of its own", () => {
    expect(told({ env: ["A=1", "B=3"] })).toBe(
      'the base image changed: base:1 sha256:11 -> sha256:22; ARG or ENV B "2" -> "3"',
    );
    expect(told({ root: [sha256("other")] })).toBe("the base image changed: base:1 sha256:11 -> sha256:22");
    expect(told({ args: ["make"] })).toBe("the command changed");
    expect(told({})).toBe("");
  });
});

describe("sourcePath()", () => {
  const table: readonly (readonly [string, readonly string[], string, string])[] = [
    ["app/src/a", ["."], "/app/", "src/a"],
    ["app/src/a", ["src"], "/app/src/", "src/a"],
    ["app/a", ["src/"], "/app", "src/a"],
    ["app/package.json", ["package*.json"], "/app/", "package.json"],
    ["app/a.txt", ["lib/a.txt", "lib/b.txt"], "/app/", "lib/a.txt"],
    ["etc/app.conf", ["conf/dev.conf"], "/etc/app.conf", "conf/dev.conf"],
    ["app/x/y", ["d*"], "/app/", "/app/x/y"],
    ["app/x", ["one", "two"], "/app/", "/app/x"],
    ["elsewhere/x", ["."], "/app/", "/elsewhere/x"],
  ];
  test.each(table)("%s, copied from %j to %s, is %s", (path, sources, destination, expected) => {
    expect(sourcePath(path, { sources, destination, parents: false })).toBe(expected);
  });
});

describe("compareLayers()", () => {
  const then = entriesOf({ a: "1", b: "2", c: "3" });
  const table: readonly (readonly [string, ReturnType<typeof entriesOf>, string])[] = [
    ["nothing but times", then.map((entry) => ({ ...entry, mtime: 5 })), ""],
    ["content", entriesOf({ a: "x", b: "2", c: "3" }), "1 file changed: a"],
    ["mode", entriesOf({ a: { ...then[0]!, mode: 0o755 }, b: "2", c: "3" }), "1 file changed: a (mode 644 -> 755)"],
    ["owner", entriesOf({ a: { ...then[0]!, uid: 7 }, b: "2", c: "3" }), "1 file changed: a (owner 0:0 -> 7:0)"],
    ["added and removed", entriesOf({ a: "1", b: "2", d: "4" }), "2 files changed: d (new), c (removed)"],
    [
      "attributes",
      entriesOf({ a: { ...then[0]!, xattrs: new Map([["user.x", new Uint8Array(1)]]) }, b: "2", c: "3" }),
      "1 file changed: a (extended attributes)",
    ],
    ["type", entriesOf({ a: { target: "b" }, b: "2", c: "3" }), "1 file changed: a (file -> symlink)"],
    ["many", entriesOf({ a: "x", b: "x", c: "x", d: "x" }), "4 files changed: a, b, c and 1 more"],
  ];
  test.each(table)("tells %s", (_name, now, expected) => {
    expect(describeChanges(compareLayers(then, now))).toBe(expected);
  });
});
