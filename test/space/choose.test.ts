// space/choose.ts: which units go.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToKeep, chooseUnits } from "../../space/choose.js";
import { parseFilter } from "../../space/filter.js";
import type { Unit } from "../../space/unit.js";

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

const unit = (id: string, given: Partial<Unit> = {}): Unit => ({
  id,
  kind: "layer",
  type: "regular",
  description: id,
  size: 1000,
  created: NOW - DAY,
  lastUsed: NOW - DAY,
  inUse: false,
  shared: false,
  mutable: false,
  cost: 1000,
  standsOn: [],
  parts: { facts: [], blobs: [], paths: [] },
  ...given,
});
const room = { now: NOW, free: 1e9 };
const chosen = (units: readonly Unit[], selection: Parameters<typeof chooseUnits>[1] = {}, free = 1e9) =>
  chooseUnits(units, selection, { now: NOW, free }).map(({ id }) => id);

describe("chooseUnits()", () => {
  test("without limits all goes that nobody needs; internals only with all", () => {
    const units = [
      unit("free"),
      unit("busy", { inUse: true }),
      unit("of an image", { shared: true }),
      unit("log", { type: "internal" }),
    ];
    expect(chosen(units)).toEqual(["free"]);
    expect(chosen(units, { all: true })).toEqual(["free", "log"]);
  });

  test("what is quick to have again for its size goes first, what was used lately last", () => {
    const units = [
      unit("slow", { cost: 60_000 }),
      unit("large", { size: 1_000_000 }),
      unit("old", { lastUsed: NOW - 30 * DAY }),
      unit("recent", { lastUsed: NOW }),
    ];
    expect(chosen(units)).toEqual(["large", "old", "recent", "slow"]);
  });

  test("a layer is worth what stands on it, and goes after it", () => {
    const below = unit("below", { cost: 1, content: "sha256:below" });
    const above = unit("above", { cost: 60_000, content: "sha256:above", standsOn: ["sha256:below"] });
    expect(chosen([below, unit("other"), above])).toEqual(["other", "above", "below"]);
  });

  test("units of the same name and another kind are other units", () => {
    const layer = unit("x", { cost: 60_000 });
    const unpacked = unit("x", { kind: "unpacked", cost: 1 });
    expect(chooseUnits([layer, unpacked], { maxUsed: 1000 }, room)).toEqual([unpacked]);
  });

  test("no more goes than has to, whatever the limits", () => {
    const sizes = fc.array(fc.record({ size: fc.nat(10_000), cost: fc.nat(10_000), inUse: fc.boolean() }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(sizes, fc.nat(50_000), (given, maxUsed) => {
        const units = given.map((one, index) => unit(String(index), one));
        const gone = chooseUnits(units, { maxUsed }, room);
        const total = units.reduce((sum, { size }) => sum + size, 0);
        const left = total - gone.reduce((sum, { size }) => sum + size, 0);
        expect(gone.some(({ inUse }) => inUse)).toBe(false);
        const isEnough = left <= maxUsed || gone.length === units.filter(({ inUse }) => !inUse).length;
        expect(isEnough).toBe(true);
        const last = gone.at(-1);
        if (last && maxUsed > 0) expect(left + last.size).toBeGreaterThan(maxUsed);
      }),
    );
  });
});

describe("bytesToKeep()", () => {
  const table: readonly (readonly [string, Parameters<typeof bytesToKeep>[0], number, number, number])[] = [
    ["no limit keeps nothing", {}, 100, 50, 0],
    ["a maximum", { maxUsed: 40 }, 100, 50, 40],
    ["a reserve alone", { reserved: 30 }, 100, 50, 30],
    ["free space that is there", { minFree: 40 }, 100, 50, Infinity],
    ["free space that lacks", { minFree: 70 }, 100, 50, 80],
    ["free space against a reserve", { minFree: 500, reserved: 60 }, 100, 50, 60],
    ["all three", { maxUsed: 90, minFree: 70, reserved: 10 }, 100, 50, 80],
  ];
  test.each(table)("%s", (_name, limits, total, free, expected) => {
    expect(bytesToKeep(limits, total, free)).toBe(expected);
  });
});

describe("parseFilter()", () => {
  const units = [
    unit("3f1cffff", { description: "RUN npm ci", lastUsed: NOW - 2 * DAY }),
    unit("aaaa0000", { kind: "mount", type: "exec.cachemount", mutable: true, description: "cache mount npm" }),
    unit("bbbb0000", { shared: true, inUse: true, lastUsed: NOW }),
  ];
  const table: readonly (readonly [string, readonly number[]])[] = [
    ["type=exec.cachemount", [1]],
    ["type==exec.cachemount", [1]],
    ["type!=exec.cachemount", [0, 2]],
    ["kind=mount", [1]],
    ["kind!=mount", [0, 2]],
    ["kind~=^mo", [1]],
    ["type=source.local", []],
    ["id=3f1c", [0]],
    ["id=sha256:3f1c", [0]],
    ["id~=0000$", [1, 2]],
    ["description~=npm", [0, 1]],
    ["inuse", [2]],
    ["inuse=false", [0, 1]],
    ["shared=true", [2]],
    ["private", [0, 1]],
    ["mutable=1", [1]],
    ["immutable", [0, 2]],
    ["until=36h", [0]],
    ["unused-for=1d", [0, 1]],
    [`until=${Math.floor((NOW - 1.5 * DAY) / 1000)}`, [0]],
    [`until=${new Date(NOW - 1.5 * DAY).toISOString()}`, [0]],
  ];
  test.each(table)("%s", (word, expected) => {
    const filter = parseFilter(word, NOW);
    expect(units.flatMap((one, index) => (filter(one) ? [index] : []))).toEqual(expected);
  });

  test.each(["", "label=x", "type", "until", "until!=1h", "inuse=perhaps", "id~=["])("refuses %j", (word) => {
    expect(() => parseFilter(word, NOW)).toThrow(expect.objectContaining({ code: "usage" }));
  });

  test.each([
    ["kind=mounts", 'Did you mean "mount"?'],
    ["kind!=layers", 'Did you mean "layer"?'],
    ["type==exec.cachmount", 'Did you mean "exec.cachemount"?'],
    ["kind=foo", undefined],
  ])("refuses %s, a word that nothing has", (word, hint) => {
    const message = expect.stringContaining(`filter "${word}": expected one of `);
    expect(() => parseFilter(word, NOW)).toThrow(expect.objectContaining({ code: "usage", message, hint }));
  });
});
