// What holds for any stack of layers, any two trees and any text.

import fc from "fast-check";
import { expect, test } from "vitest";
import { compileTemplate } from "../../cli/template/template.js";
import { TsbuildError } from "../../errors.js";
import { compareNames, type Entry, FileTree, type LayerChange, type LayerIndex } from "../../filesystem/index.js";
import { diffTrees } from "../../images/index.js";
import { sha256 } from "../../oci/index.js";
import { printableName } from "../../report/index.js";
import { markup } from "../../report/page/markup.js";
import { findWaste } from "../../report/waste.js";

const name = fc.constantFrom("a", "b", "c");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));

const entry = (of: Partial<Entry> & Pick<Entry, "path" | "type">): Entry => ({
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  mtimeNs: 0,
  ...of,
});
const change: fc.Arbitrary<LayerChange> = fc.oneof(
  fc
    .record({ path, content: fc.string({ maxLength: 4 }), mode: fc.constantFrom(0o644, 0o755) })
    .map(({ path: at, content, mode }) =>
      entry({ path: at, type: "file", mode, size: Buffer.byteLength(content), digest: sha256(content) }),
    ),
  path.map((at) => entry({ path: at, type: "directory", mode: 0o755 })),
  path.map((at) => ({ path: at, type: "whiteout" as const })),
  path.map((at) => ({ path: at, type: "opaque" as const })),
);

/** A layer as tars have them: each path once, nothing below what is a file or gone, parents first. */
const layer = fc.uniqueArray(change, { selector: (one) => one.path, maxLength: 8 }).map((changes) => {
  const leaves = changes.filter(({ type }) => type === "file" || type === "whiteout").map(({ path: at }) => at);
  const kept = changes.filter(({ path: at }) => !leaves.some((leaf) => at.startsWith(`${leaf}/`)));
  return kept.sort((a, b) => compareNames(a.path, b.path));
});
const layers = fc.array(layer, { maxLength: 5 }).map((all) =>
  all.map((changes, position): LayerIndex => {
    const diffID = sha256(`layer ${position}`);
    return { diffID, content: diffID, size: 0, changes };
  }),
);

const treeOf = (all: readonly LayerIndex[]): FileTree =>
  all.reduce((tree, { changes, diffID }) => tree.apply(changes, diffID), FileTree.empty);
const bytesOf = (entries: Iterable<object>): number =>
  [...entries].reduce((sum, one) => sum + ((one as { readonly size?: number }).size ?? 0), 0);

test("findWaste(): what all layers bring is what is seen and what is wasted", () => {
  fc.assert(
    fc.property(layers, (all) => {
      const { bytes, ofLayers } = findWaste(all);
      expect(bytesOf(all.flatMap(({ changes }) => changes))).toBe(bytesOf(treeOf(all).walk()) + bytes);
      expect(ofLayers.reduce((sum, one) => sum + one, 0)).toBe(bytes);
    }),
    { numRuns: 300 },
  );
});

test("diffTrees(): the changes lead from one tree to the other, and back they are the opposite", () => {
  fc.assert(
    fc.property(layers, layers, (first, second) => {
      const [a, b] = [treeOf(first), treeOf(second)];
      const changes = diffTrees(a, b);
      const entries = new Map([...a.walk()].map((one) => [one.path, one]));
      for (const { path: at, kind, b: now } of changes) {
        if (kind === "removed") entries.delete(at);
        else entries.set(at, now!);
      }
      const described = (all: Iterable<Entry>) =>
        [...all].map((one) => [one.path, one.type, one.mode, one.digest]).sort();
      expect(described(entries.values())).toEqual(described(b.walk()));
      const opposite = { added: "removed", removed: "added", changed: "changed" };
      expect(diffTrees(b, a).map(({ path: at, kind }) => [at, kind])).toEqual(
        changes.map(({ path: at, kind }) => [at, opposite[kind]]),
      );
      expect(diffTrees(a, a)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("markup: no text leaves its place in the page", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(markup`${text}`.text).not.toMatch(/[<>"'\p{Cc}\p{Cf}]/u);
      expect(printableName(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202e\u2028]/u);
    }),
  );
});

test("compileTemplate(): whatever is written, it prints or says what is wrong", () => {
  const pieces = [
    "{{",
    "}}",
    ".",
    ".ID",
    "$x",
    ":=",
    "range",
    "end",
    "if",
    "else",
    "json",
    '"',
    "`",
    "(",
    ")",
    "|",
    " ",
    "-",
    ",",
    "1",
    "x",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (words) => {
      try {
        expect(compileTemplate(words.join(""))({ ID: "x", List: ["a"] })).toBeTypeOf("string");
      } catch (error) {
        expect(error).toBeInstanceOf(TsbuildError);
      }
    }),
    { numRuns: 2000 },
  );
});
