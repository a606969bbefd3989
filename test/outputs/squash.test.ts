import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Layer } from "../../executor/index.js";
import { type Entry, FileTree, type LayerChange } from "../../filesystem/index.js";
import { squashed } from "../../outputs/layers/images.js";
import { squashLayers } from "../../outputs/layers/rewrite.js";
import { squashChanges } from "../../outputs/layers/squash.js";
import { describeConfig } from "../../outputs/assemble.js";
import { entries, file, hardlink } from "../helpers/tree.js";
import { Stack } from "./stack.js";

const PATHS = ["a", "a/a", "a/a/a", "a/a/b", "a/b", "b", "b/a", "b/a/a", "c"];

type Kind = "file" | "directory" | "symlink" | "whiteout" | "opaque" | "hardlink";
type Choice = { readonly kind: Kind; readonly content: string };

const choice = fc.record({
  kind: fc.constantFrom<Kind>("file", "file", "directory", "directory", "symlink", "whiteout", "opaque", "hardlink"),
  content: fc.string({ maxLength: 5 }),
});
const randomLayer = fc.array(fc.option(choice, { freq: 2 }), { minLength: PATHS.length, maxLength: PATHS.length });
const randomStack = fc.array(randomLayer.map(layerOf), { minLength: 1, maxLength: 4 });

interface Literal {
  readonly changes: readonly LayerChange[];
  readonly contents: Record<string, string>;
}

/** What of the choices makes a layer: nothing below a file, links to files only. */
function layerOf(choices: readonly (Choice | null)[]): Literal {
  const marks: LayerChange[] = [];
  const made = new Map<string, Entry>();
  const contents: Record<string, string> = {};
  for (const [at, path] of PATHS.entries()) {
    const chosen = choices[at];
    const isBelowFile = [...made.values()].some(
      ({ path: other, type }) => type !== "directory" && path.startsWith(`${other}/`),
    );
    if (!chosen || isBelowFile) continue;
    if (chosen.kind === "whiteout" || chosen.kind === "opaque") marks.push({ path, type: chosen.kind });
    else made.set(path, entryOf(path, chosen, made, contents));
  }
  return { changes: [...marks, ...made.values()], contents };
}

function entryOf(
  path: string,
  { kind, content }: Choice,
  made: ReadonlyMap<string, Entry>,
  contents: Literal["contents"],
): Entry {
  const target = [...made.values()].find((entry) => entry.type === "file" && entry.hardlink === undefined);
  if (kind === "hardlink" && target) return { ...target, path, hardlink: target.path };
  const common = { path, mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 7, mtimeNs: 0 };
  if (kind === "directory") return { ...common, type: "directory" };
  if (kind === "symlink") return { ...common, type: "symlink", target: "x" };
  contents[path] = content;
  return { ...common, type: "file", size: Buffer.byteLength(content) };
}

/** All that a root filesystem says, but for which names of a file is its first. */
function saysOf(tree: FileTree): unknown[] {
  return [...tree.walk()].map(({ path, type, digest, target, mode, mtime }) => [
    path,
    type,
    digest,
    target,
    mode,
    mtime,
  ]);
}

test("squashed layers make the same files as one after the other, on whatever they stand (S-160, S-162, S-167)", async () => {
  const stack = new Stack();
  await fc.assert(
    fc.asyncProperty(randomStack, randomStack, async (lower, upper) => {
      const below = await Promise.all(lower.map(({ changes, contents }) => stack.layer(changes, contents)));
      const layers = await Promise.all(upper.map(({ changes, contents }) => stack.layer(changes, contents)));
      const contents = stack.contents([]);
      const one = await squashLayers(below, layers, { store: stack.store, contents });
      const base = treeOf(stack, below);
      const expected = layers.reduce((tree, layer) => tree.apply(stack.index(layer).changes), base);
      expect(saysOf(base.apply(stack.index(one).changes))).toEqual(saysOf(expected));
    }),
    { numRuns: 60 },
  );
});

function treeOf(stack: Stack, layers: readonly Layer[]): FileTree {
  return layers.reduce((tree, layer) => tree.apply(stack.index(layer).changes), FileTree.empty);
}

describe("squashChanges()", () => {
  const base = FileTree.of(entries({ keep: "k", gone: { deep: "d" }, kind: { child: "c" } }));

  test("names what is gone once, and only what was below (S-163)", () => {
    const layers: LayerChange[][] = [
      [...entries({ made: "m" })],
      [
        { path: "gone", type: "whiteout" },
        { path: "made", type: "whiteout" },
      ],
    ];
    expect(squashChanges(base, layers).changes).toEqual([{ path: "gone", type: "whiteout" }]);
  });

  test("a directory that was made anew shows nothing of the old one (S-162)", () => {
    const layers: LayerChange[][] = [[{ path: "kind", type: "whiteout" }], [...entries({ kind: { other: "o" } })]];
    const { changes } = squashChanges(base, layers);
    expect(changes.map(({ path, type }) => `${type} ${path}`)).toEqual([
      "whiteout kind/child",
      "directory kind",
      "file kind/other",
    ]);
  });

  test("a link whose first name went away becomes the file (S-168)", () => {
    const links = entries({ one: file("x"), two: hardlink("one"), zet: hardlink("one") });
    const { changes, original } = squashChanges(base, [links, [{ path: "one", type: "whiteout" }]]);
    expect(changes).toMatchObject([{ path: "two" }, { path: "zet", hardlink: "two" }]);
    expect(changes[0]).not.toHaveProperty("hardlink");
    expect(original("two").hardlink).toBe("one");
  });
});

describe("squashed()", () => {
  async function image(count: number) {
    const stack = new Stack();
    const layers = await Promise.all(
      Array.from({ length: count }, (_, at) => stack.layer(entries({ [`f${at}`]: `${at}` }))),
    );
    const history = layers.map((_, at) => ({ created: `2026-01-0${at + 1}T00:00:00Z`, created_by: `step ${at}` }));
    const config = describeConfig({
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: layers.map(({ diffID }) => diffID) },
      history: [...history, { created_by: "CMD", empty_layer: true }],
    });
    return { stack, image: { ...config, layers, base: 1, made: history.map(({ created }) => created) } };
  }

  test.each([
    ["new", 2, ["step 0", "step 3"]],
    ["all", 1, ["step 3"]],
    [{ from: 2, to: 3 }, 3, ["step 0", "step 2", "step 3"]],
    [{ from: 4, to: 4 }, 4, ["step 0", "step 1", "step 2", "step 3"]],
  ] as const)("row 240: %j of four layers leaves %i, and their history", async (squash, count, steps) => {
    const { stack, image: four } = await image(4);
    const one = await squashed(four, squash, { store: stack.store, contents: stack.contents([]) });
    expect(one.layers).toHaveLength(count);
    expect(one.config.rootfs.diff_ids).toEqual(one.layers.map(({ diffID }) => diffID));
    const withLayer = one.config.history.filter((entry) => !entry.empty_layer).map((entry) => entry.created_by);
    expect(withLayer).toEqual(steps); // S-154
    expect(one.config.history).toHaveLength(5);
    expect(
      treeOf(stack, one.layers)
        .children("")
        .map(({ path }) => path),
    ).toEqual(["f0", "f1", "f2", "f3"]);
  });

  test.each([
    { from: 0, to: 1 },
    { from: 2, to: 5 },
    { from: 3, to: 2 },
  ])("layers %j of four are refused", async (squash) => {
    const { stack, image: four } = await image(4);
    await expect(squashed(four, squash, { store: stack.store, contents: stack.contents([]) })).rejects.toMatchObject({
      code: "usage",
      message: `expected layers between 1 and 4 to squash, found ${squash.from}-${squash.to}`,
    });
  });
});
