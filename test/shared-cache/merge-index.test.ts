// Several builds that write one cache index at the same instant: each finds what it added in the end.

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type CacheIndex, parseIndex } from "../../shared-cache/format.js";
import { type NewGroup, withGroup } from "../../shared-cache/groups.js";
import { mergeIndex } from "../../shared-cache/merge-index.js";
import type { CachePlace } from "../../shared-cache/place.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { sampleRecord } from "./sample-index.js";

const { signal } = new AbortController();

/** A place that is as slow as a registry, and whose index is whatever was written last. */
function slowPlace(before: (writes: number) => CacheIndex | undefined = () => undefined) {
  let index: CacheIndex | undefined;
  let writes = 0;
  const place: CachePlace = {
    name: "memory",
    scope: "",
    blobs: new MemoryStore(),
    readIndex: async () => {
      await sleep(Math.random() * 4);
      return index;
    },
    writeIndex: async (next) => {
      await sleep(Math.random() * 4);
      index = before(++writes) ?? next;
    },
  };
  const added = (group: NewGroup) => {
    const merge = (current: CacheIndex | undefined) => withGroup(current, group, "");
    return mergeIndex(place, { read: () => place.readIndex({}), merge, signal });
  };
  return { added, targets: () => index!.groups.map(({ target }) => target).sort(), writes: () => writes };
}

const group = (target: string): NewGroup => {
  const { layer: _, ...record } = sampleRecord(target);
  return { platform: "linux/amd64", target, dockerfile: "Dockerfile", records: [record] };
};

test("six builds at once: no group is lost", async () => {
  const { added, targets } = slowPlace();
  const names = ["a", "b", "c", "d", "e", "f"];
  expect(await Promise.all(names.map((name) => added(group(name))))).toEqual(names.map(() => true));
  expect(targets()).toEqual(names);
});

test("what another build wrote over is added again, beside what that one wrote", async () => {
  const other = withGroup(undefined, group("other"), "")!;
  const { added, targets, writes } = slowPlace((count) => (count === 1 ? other : undefined));
  expect(await added(group("own"))).toBe(true);
  expect(targets()).toEqual(["other", "own"]);
  expect(writes()).toBe(2);
  expect(await added(group("own"))).toBe(true);
  expect(writes()).toBe(2);
});

test("a place that never keeps what is written is given up, and said so", async () => {
  const empty = parseIndex(Buffer.from(JSON.stringify({ version: 1, scope: "", groups: [], layers: [] })));
  const { added, writes } = slowPlace(() => empty);
  expect(await added(group("own"))).toBe(false);
  expect(writes()).toBeLessThan(10);
});
