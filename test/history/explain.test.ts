// Which earlier build is compared with, and whose words are told.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { type BuildRecord, explainBuild, findBuild, type StepRecord } from "../../history/index.js";
import { hexOf, sha256 } from "../../oci/index.js";

let store: Store;
beforeEach(() => void (store = Store.openAt(mkdtempSync(join(tmpdir(), "tsbuild-explain-")))));
afterEach(() => {
  store.close();
  rmSync(store.paths.root, { recursive: true, force: true });
});

/** Keeps the record of a step that copies `content` onto `below`. @returns the step */
function step(name: string, content: string, below: string, more: Partial<StepRecord> = {}): StepRecord {
  const inputs = { op: "copy", sources: [{ path: name, files: content }], root: [sha256(below)] };
  const key = hexOf(sha256(`${below} ${content}`));
  const layer = {
    diffID: sha256(key),
    content: sha256(`${below} ${content}`),
    size: 1,
    created: "2026-01-01T00:00:00Z",
  };
  store.records.put(key, { version: 1, inputs, layer, duration: 1 });
  return { vertex: name, name: `[1/3] COPY ${name}`, stage: "app", status: "ran", key, ...more };
}

/** Keeps a build of two steps, the later one on top of the other. */
function built(number: number, a: string, b: string, more: Partial<StepRecord> = {}): BuildRecord {
  const steps = [step("a", a, "base", more), step("b", b, `base ${a}`, more)];
  return keep(number, { steps });
}

function keep(number: number, facts: Partial<BuildRecord>): BuildRecord {
  const asked = { context: "/app", tags: [], buildArgs: [], noCache: false, noCacheFilter: [] };
  const id = `2026010${number}T000000000-0000`;
  const record = {
    version: 1,
    id,
    started: "2026-01-01T00:00:00Z",
    status: "done",
    scope: "app",
    asked,
    steps: [],
  } as const;
  const directory = join(store.paths.builds, id);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "build.json"), JSON.stringify({ ...record, ...facts }));
  return { ...record, ...facts };
}

const causes = (build: BuildRecord) =>
  explainBuild(store, build).steps.map(({ step: { vertex }, cause }) => [vertex, cause]);
const changed = (path: string) => ({ kind: "changed", changes: [{ kind: "source", path }] });

test("one edit is taken back and another is made: blame goes to the other", () => {
  const nearest = built(1, "a1", "b1");
  built(2, "a2", "b1");
  const build = built(3, "a1", "b2");
  const cached = { ...build, steps: [{ ...build.steps[0]!, status: "cached" as const }, build.steps[1]!] };
  expect(explainBuild(store, cached).against?.id).toBe(nearest.id);
  expect(causes(cached)).toEqual([["b", changed("b")]]);
});

test("of builds that differ by equally many steps, the one with fewer changes of their own is compared with", () => {
  const nearest = built(1, "a1", "b1");
  built(2, "a2", "b2");
  const build = built(3, "a3", "b1");
  expect(explainBuild(store, build).against?.id).toBe(nearest.id);
  expect(causes(build)).toEqual([
    ["a", changed("a")],
    ["b", { kind: "follows", step: "[1/3] COPY a" }],
  ]);
});

test("what is equal to an earlier build is compared with the latest: an edit was taken back", () => {
  built(1, "a1", "b1");
  const latest = built(2, "a2", "b1");
  const build = built(3, "a1", "b1", { status: "cached" });
  expect(explainBuild(store, build).against?.id).toBe(latest.id);
  expect(causes(build)[0]).toEqual(["a", changed("a")]);
});

test.each([
  ["--no-cache-filter", "no-cache"],
  ["too-old", "too-old"],
  ["other-cache", "other-cache"],
  ["lost", "lost"],
] as const)("a step that was known and made because of %s is told in the words of the build", (because, kind) => {
  built(1, "a1", "b1");
  const build = built(2, "a1", "b2", { because, why: "as it was said" });
  expect(causes(build)).toEqual(["a", "b"].map((name) => [name, { kind, why: "as it was said" }]));
});

test("what a change was is told in the words of the build, when what it was made from is gone", () => {
  built(1, "a1", "b1");
  const build = built(2, "a2", "b1", { because: "changed", why: "1 file changed: x" });
  rmSync(join(store.paths.root, "records"), { recursive: true });
  expect(causes(build)).toEqual(["a", "b"].map((name) => [name, { kind: "told", why: "1 file changed: x" }]));
});

test("a base image is known by its name, also where the stage stands on another stage", () => {
  const image = (digest: string) => ({ "0": `docker.io/library/base:1@sha256:${digest}` });
  const onBase = (below: string) => ({ steps: [step("a", "a1", below, { base: "0" })] });
  keep(1, { ...onBase("one"), images: image("11") });
  const build = keep(2, { ...onBase("two"), images: image("22") });
  const [from, to] = [image("11")["0"], image("22")["0"]];
  expect(causes(build)).toEqual([["a", { kind: "changed", changes: [{ kind: "base", from, to }] }]]);
});

test("builds of other Dockerfiles are not compared with", () => {
  keep(1, { scope: "other", steps: [step("a", "a1", "base")] });
  const build = built(2, "a2", "b1");
  expect(causes(build)).toEqual([
    ["a", { kind: "new" }],
    ["b", { kind: "new" }],
  ]);
});

test("a build that ended on a full disk is what it said last; one that said nothing was killed", () => {
  const { id } = keep(1, { status: "running" });
  expect(findBuild(store)).toMatchObject({ status: "killed" });
  writeFileSync(join(store.paths.builds, id, "ended-failed"), "");
  expect(findBuild(store)).toMatchObject({ status: "failed", message: "the store could not be written any more" });
  writeFileSync(join(store.paths.builds, keep(2, { status: "running" }).id, "ended-well"), "");
  expect(findBuild(store)).toMatchObject({ status: "killed" });
});
