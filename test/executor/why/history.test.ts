// What the steps of a Dockerfile stood on in the builds before, across builds that overlap.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../../cache/index.js";
import { StepHistory } from "../../../executor/why/index.js";
import { countRows, decodeRow, encodeRows } from "../../../executor/why/step-rows.js";
import { hexOf, sha256 } from "../../../oci/index.js";
import type { Vertex } from "../../../planner/index.js";

let store: Store;
beforeEach(() => void (store = Store.openAt(mkdtempSync(join(tmpdir(), "tsbuild-history-")))));
afterEach(() => {
  store.close();
  rmSync(store.paths.root, { recursive: true, force: true });
});

const vertex = (id: number, text: string) =>
  ({ id, name: `[stage ${id + 1}/3] ${text}`, stage: "stage", op: { kind: "run", parent: -1 } }) as unknown as Vertex;
const history = (...vertices: Vertex[]) => new StepHistory(store, "folder Dockerfile", vertices);
const layer = { diffID: sha256("a"), content: sha256("b"), size: 1, created: "2026-01-01T00:00:00.000Z" };
const key = (name: string) => hexOf(sha256(name));
const put = (name: string, inputs: unknown = { name }) =>
  store.records.put(key(name), { version: 1, inputs, layer, duration: 1 });

const COPY_A = vertex(0, "COPY a");
const COPY_B = vertex(1, "COPY b");
const RUN = vertex(2, "RUN x");

/** A build whose steps stand on the records of these names. */
function built(...names: string[]): void {
  const one = history(COPY_A, COPY_B, RUN);
  for (const [index, name] of names.entries()) {
    put(name, inputsOf(name));
    one.remember([COPY_A, COPY_B, RUN][index]!, key(name));
  }
  one.save();
}

/** `a1 b2`: own content after the last space, the step below in front. */
function inputsOf(name: string): object {
  const words = name.split(" ");
  return { op: "copy", content: words.at(-1), root: words.slice(0, -1) };
}

const previous = (one: StepHistory, step: Vertex, name: string) => one.previous(step, inputsOf(name))?.record;

test("a step is found by its text, else by its place in the stage, in whatever build it was last", () => {
  built("one", "two");
  const moved = history(vertex(0, "COPY b"), vertex(1, "RUN other"));
  expect(previous(moved, vertex(0, "COPY b"), "x")).toMatchObject({ inputs: { content: "two" } });
  expect(previous(moved, vertex(1, "RUN other"), "x")).toMatchObject({ inputs: { content: "two" } });
  expect(previous(new StepHistory(store, "elsewhere", [COPY_A]), COPY_A, "x")).toBeUndefined();
  rmSync(store.paths.fact("k1", key("one")));
  expect(previous(history(COPY_A), COPY_A, "x")).toBe("pruned");
});

test("one edit is taken back and another is made: the build that differs by the other alone is compared with", () => {
  built("a1", "a1 b1", "a1 b1 r");
  built("a2", "a2 b1", "a2 b1 r");
  const now = history(COPY_A, COPY_B, RUN);
  now.remember(COPY_A, key("a1"));
  expect(previous(now, COPY_B, "a1 b2")).toMatchObject({ inputs: inputsOf("a1 b1") });
  now.remember(COPY_B, key("a1 b2"));
  expect(previous(now, RUN, "a1 b2 r")).toMatchObject({ inputs: inputsOf("a1 b1 r") });
});

test("of builds that differ by equally many steps the one with fewer own changes counts, then the latest", () => {
  built("a1", "a1 b1");
  built("a2", "a2 b2");
  const now = history(COPY_A, COPY_B);
  expect(previous(now, COPY_A, "a3")).toMatchObject({ inputs: inputsOf("a2") });
  now.remember(COPY_A, key("a3"));
  expect(previous(now, COPY_B, "a3 b1")).toMatchObject({ inputs: inputsOf("a1 b1") });
});

test("a record that a build stood on and that is not found was lost, or is another cache's", () => {
  const before = history(COPY_A, COPY_B);
  before.remember(COPY_A, key("a"));
  before.remember(COPY_B, key("b"), true);
  before.save();
  const now = history(COPY_A, COPY_B);
  expect([now.lost(COPY_A, key("a")), now.lost(COPY_B, key("b")), now.lost(COPY_A, key("c"))]).toEqual([
    "lost",
    "other-cache",
    undefined,
  ]);
  expect(previous(now, COPY_B, "c")).toBeUndefined();
});

test("a base image that moved is told with its names, whatever stage the step is in", () => {
  const image = (digest: string) => ({
    reference: { registry: "docker.io", repository: "library/base", tag: "1" },
    manifest: { digest },
    origin: { kind: "registry" },
  });
  const from = (digest: string) =>
    ({ id: 0, name: "", op: { kind: "image", image: image(digest) } }) as unknown as Vertex;
  const run = { ...RUN, op: { kind: "run", parent: 0 } } as unknown as Vertex;
  const before = history(from("sha256:1"), run);
  put("r");
  before.remember(run, key("r"));
  before.save();
  const [old, current] = ["docker.io/library/base:1@sha256:1", "docker.io/library/base:1@sha256:2"];
  expect(history(from("sha256:2"), run).previous(run, {})?.image).toEqual({ from: old, to: current });
  expect(history(from("sha256:1"), run).previous(run, {})?.image).toBeUndefined();
});

test("what another build of the Dockerfile wrote meanwhile stays; nothing is written when nothing is new", () => {
  const [one, other, same] = [history(COPY_A), history(COPY_A, COPY_B), history(COPY_A, COPY_B)];
  one.remember(COPY_A, key("a"));
  other.remember(COPY_B, key("b"));
  one.save();
  other.save();
  const path = store.paths.fact("steps3", hexOf(sha256("folder Dockerfile")));
  const before = statSync(path).ino;
  expect(Object.keys(store.steps.get(hexOf(sha256("folder Dockerfile")))!)).toHaveLength(2);
  same.remember(COPY_A, key("a"));
  same.remember(COPY_B, key("b"));
  same.save();
  expect(statSync(path).ino).toBe(before);
});

test("what is damaged in the file is left out", () => {
  built("a1");
  const known = store.steps.get(hexOf(sha256("folder Dockerfile")))!;
  store.steps.put(hexOf(sha256("folder Dockerfile")), {
    "[": "x 0",
    a: "",
    '["stage","",1,"COPY b"]': "x y 9",
    ...known,
  });
  const now = history(COPY_A, COPY_B);
  expect(previous(now, COPY_A, "a2")).toMatchObject({ inputs: inputsOf("a1") });
  expect(previous(now, COPY_B, "b")).toBeUndefined();
  now.remember(COPY_A, key("a2"));
  now.save();
});

test("rows are kept as they are, at most ten, equal ones once", () => {
  const rows = Array.from(
    { length: 12 },
    (_, build) =>
      new Map([
        [`${build % 3}`, `${build}`],
        ["same", "x"],
      ]),
  );
  const stored = encodeRows([rows[0]!, ...rows]);
  expect(countRows(stored)).toBe(10);
  for (let build = 0; build < 10; build++) expect(decodeRow(stored, build)).toEqual(rows[build]);
});
