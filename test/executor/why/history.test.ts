// What the steps of a Dockerfile stood on in the builds before, across builds that overlap.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../../cache/index.js";
import { StepHistory } from "../../../executor/why/index.js";
import { hexOf, sha256 } from "../../../oci/index.js";
import type { Vertex } from "../../../planner/index.js";

let store: Store;
beforeEach(() => void (store = Store.openAt(mkdtempSync(join(tmpdir(), "tsbuild-history-")))));
afterEach(() => {
  store.close();
  rmSync(store.paths.root, { recursive: true, force: true });
});

const vertex = (id: number, text: string) =>
  ({ id, name: `[stage ${id + 1}/2] ${text}`, stage: "stage", op: { kind: "scratch" } }) as unknown as Vertex;
const history = (...vertices: Vertex[]) => new StepHistory(store, "folder Dockerfile", vertices);
const layer = { diffID: sha256("a"), content: sha256("b"), size: 1, created: "2026-01-01T00:00:00.000Z" };
const KEYS = ["one", "two"].map((name) => hexOf(sha256(name)));
const put = (key: string, inputs: unknown) => store.records.put(key, { version: 1, inputs, layer, duration: 1 });

test("a step is found by its text, else by its place in the stage, in whatever build it was last", () => {
  const [first, second] = [vertex(0, "RUN one"), vertex(1, "RUN two")];
  const before = history(first, second);
  for (const [index, key] of KEYS.entries()) {
    put(key!, { index });
    before.remember([first, second][index]!, key!);
  }
  before.save();
  const moved = history(vertex(0, "RUN two"), vertex(1, "RUN other"));
  expect(moved.previous(vertex(0, "RUN two"))).toMatchObject({ inputs: { index: 1 } });
  expect(moved.previous(vertex(1, "RUN other"))).toMatchObject({ inputs: { index: 1 } });
  expect(moved.previous({ ...vertex(0, "RUN new"), stage: "another" })).toBeUndefined();
  expect(new StepHistory(store, "elsewhere", [first]).previous(first)).toBeUndefined();
  rmSync(store.paths.fact("k1", KEYS[0]!));
  expect(history(first).previous(first)).toBe("pruned");
});

test("what another build of the Dockerfile wrote meanwhile stays; nothing is written when nothing is new", () => {
  const [first, second] = [vertex(0, "RUN one"), vertex(1, "RUN two")];
  const [one, other] = [history(first), history(first, second)];
  one.remember(first, KEYS[0]!);
  other.remember(second, KEYS[1]!);
  one.save();
  other.save();
  const table = join(store.paths.root, "records/steps2");
  expect(Object.keys(store.steps.get(hexOf(sha256("folder Dockerfile")))!)).toHaveLength(4);
  rmSync(table, { recursive: true });
  other.remember(second, KEYS[1]!);
  other.save();
  expect(readdirSync(join(store.paths.root, "records"))).not.toContain("steps2");
});
