// The index of a shared cache: what is read of it, and what a build leaves of the one before.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { type CacheIndex, encodeIndex, expectScope, parseIndex } from "../../shared-cache/format.js";
import { type NewGroup, recordsOf, withGroup } from "../../shared-cache/groups.js";
import { decodeInputs, encodeInputs } from "../../shared-cache/inputs.js";
import { sampleIndex, sampleRecord } from "./sample-index.js";

describe("parseIndex()", () => {
  test("reads what encodeIndex() wrote, with layers in it or beside it", () => {
    const index = sampleIndex("main");
    expect(parseIndex(encodeIndex(index, true))).toEqual(index);
    expect(parseIndex(encodeIndex(index, false), index.layers)).toEqual(index);
  });

  const record = sampleRecord("make", 0);
  const withRecord = (change: object) => ({
    ...sampleIndex(),
    groups: [{ platform: "", target: "", dockerfile: "", records: [{ ...record, ...change }] }],
  });
  test.each([
    ["no JSON", "{"],
    ["another version", { ...sampleIndex(), version: 2 }],
    ["a layer that is not there", withRecord({ layer: 1 })],
    ["a negative position", withRecord({ layer: -1 })],
    ["a key that would leave its directory", withRecord({ key: "../../../etc/passwd" })],
    ["a digest of another kind", withRecord({ diffID: "md5:1" })],
    ["a time that is none", withRecord({ created: "yesterday" })],
    ["a step that is a novel", withRecord({ step: "x".repeat(2000) })],
    ["a size that is no number", withRecord({ size: "1" })],
  ])("refuses %s", (_, value) => {
    const bytes = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
    expect(() => parseIndex(bytes)).toThrow(expect.objectContaining({ code: "bad_manifest" }));
  });

  test("an index of another scope is refused", () => {
    expect(() => expectScope(sampleIndex("pr"), "main")).toThrow(
      'expected a cache of scope "main", found one of scope "pr"',
    );
  });
});

describe("withGroup()", () => {
  const group = (target: string, names: readonly string[]): NewGroup => ({
    platform: "linux/amd64",
    target,
    dockerfile: "Dockerfile",
    records: names.map((name) => {
      const { layer: _, ...record } = sampleRecord(name, 0);
      return name.startsWith("-") ? record : { ...record, blob: { mediaType: "x", digest: sha256(name), size: 1 } };
    }),
  });
  const all = (index: CacheIndex | undefined) =>
    (index?.groups ?? []).map(({ target, ...one }) => ({ target, records: recordsOf(one as never, index!.layers) }));

  test("says nothing when the group says so already, whatever it cost", () => {
    const index = withGroup(undefined, group("a", ["x", "-y"]), "");
    const again = group("a", ["x", "-y"]);
    const slower = { ...again, records: again.records.map((record) => ({ ...record, duration: 99 })) };
    expect(withGroup(index, slower, "")).toBeUndefined();
    expect(withGroup(index, group("a", ["x", "y"]), "")).toBeDefined();
  });

  test("keeps other groups, at most 32, and drops layers that nobody names", () => {
    let index: CacheIndex | undefined;
    for (let i = 0; i < 40; i++) index = withGroup(index, group(`t${i}`, [`only ${i}`, "shared"]), "");
    expect(index!.groups.map(({ target }) => target)).toEqual(Array.from({ length: 32 }, (_, i) => `t${i + 8}`));
    expect(index!.layers).toHaveLength(33);
  });

  test("every record keeps its blob, whatever is written in whatever order", () => {
    const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "-d", "-e"), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("x", "y", "z"), names), { maxLength: 8 }), (writes) => {
        let index: CacheIndex | undefined;
        const expected = new Map<string, NewGroup>();
        for (const [target, steps] of writes) {
          index = withGroup(index, group(target, steps), "") ?? index;
          expected.set(target, group(target, steps));
        }
        const found = new Map(all(index).map(({ target, records }) => [target, records]));
        expect(found).toEqual(new Map([...expected].map(([target, { records }]) => [target, records])));
      }),
    );
  });
});

test("inputs come back, without the values of private variables", () => {
  const inputs = { op: "run", env: ["PATH=/bin", "NPM_TOKEN=abc", "EMPTY="], root: [] };
  const { bytes } = encodeInputs(new Map([["k", inputs]]));
  const decoded = decodeInputs(bytes).get("k") as { env: string[] };
  expect(decoded).toMatchObject({ op: "run", root: [] });
  expect(decoded.env).toEqual(["PATH=/bin", expect.stringMatching(/^NPM_TOKEN=sha256:[0-9a-f]{12}$/), "EMPTY="]);
  expect(() => decodeInputs(Buffer.from("no gzip"))).toThrow(expect.objectContaining({ code: "bad_manifest" }));
});
