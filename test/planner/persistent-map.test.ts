// The map that planning grows: a Map for its reader, and no copy for each entry.

import fc from "fast-check";
import { expect, test } from "vitest";
import { PersistentMap } from "../../planner/persistent-map.js";

const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer()), { maxLength: 60 });

test("a PersistentMap has the entries of a Map in its order, and older ones are never changed", () => {
  fc.assert(
    fc.property(entries, entries, (first, second) => {
      const older = first.reduce((map, entry) => map.with([entry]), PersistentMap.of<number, number>());
      const newer = older.with(second);
      expect([...older]).toEqual([...new Map(first)]);
      expect([...newer]).toEqual([...new Map([...first, ...second])]);
      for (const [key, value] of newer) expect([newer.has(key), newer.get(key)]).toEqual([true, value]);
      expect(older.isEmpty).toBe(first.length === 0);
    }),
  );
});

test("50,000 entries are added one by one, and all found, in a handful of levels", () => {
  let map = PersistentMap.of<number, number>();
  for (let number = 0; number < 50_000; number++) map = map.with([[number, -number]]);
  expect([map.get(0), map.get(49_999), map.get(50_000)]).toEqual([-0, -49_999, undefined]);
  expect([...map]).toHaveLength(50_000);
});
