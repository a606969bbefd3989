// Random layers for property tests: trees with odd names, modes, owners, times and xattrs, parents first.

import fc from "fast-check";
import { compareNames, decodeName, type Entry, joinPath, type LayerChange } from "../../filesystem/index.js";

export interface RandomLayer {
  readonly changes: readonly LayerChange[];
  readonly contents: Record<string, Uint8Array>;
}

type Node = Omit<Entry, "path"> & {
  readonly content?: Uint8Array;
  readonly children?: readonly (readonly [string, Node])[];
};

const plainName = fc.stringMatching(/^[a-z0-9._-]{1,12}$/);
const oddName = fc
  .uint8Array({ minLength: 1, maxLength: 40, min: 1 })
  .map((bytes) => decodeName(bytes).replaceAll("/", "_"));
const longName = fc.integer({ min: 90, max: 255 }).map((length) => "n".repeat(length));
const name = fc
  .oneof({ weight: 6, arbitrary: plainName }, { weight: 2, arbitrary: oddName }, { weight: 1, arbitrary: longName })
  .filter((text) => text !== "." && text !== ".." && !text.startsWith(".wh."));

const id = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 70_000 }),
  fc.constant(5_000_000),
  fc.constant(0xfffffffe),
);
const time = fc.record({
  mtime: fc.oneof(fc.integer({ min: 1 - 2 ** 31, max: 2 ** 33 }), fc.constant(0), fc.constant(1_700_000_000)),
  mtimeNs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999_999 })),
});
const xattrs = fc.option(
  fc.dictionary(fc.stringMatching(/^user\.[a-z%=3D25]{1,12}$/), fc.uint8Array({ minLength: 1, maxLength: 60 }), {
    minKeys: 1,
    maxKeys: 3,
  }),
  { nil: undefined, freq: 4 },
);
const permissions = fc.oneof(fc.constantFrom(0o644, 0o755), fc.integer({ min: 0, max: 0o7777 }));
const inode = fc.record({ mode: permissions, uid: id, gid: id, time });

const { node } = fc.letrec<{ node: Node; file: Node; link: Node; fifo: Node; directory: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("file"),
    tie("link"),
    tie("fifo"),
    tie("directory"),
  ),
  file: fc
    .tuple(inode, fc.uint8Array({ maxLength: 1500 }), xattrs)
    .map(([{ time: at, ...rest }, content, attributes]) => ({
      ...rest,
      ...at,
      type: "file" as const,
      size: content.length,
      content,
      ...named(attributes),
    })),
  link: fc.tuple(inode, fc.oneof(oddName, longName, fc.constant("../a/b"))).map(([{ time: at, ...rest }, target]) => ({
    ...rest,
    ...at,
    mode: 0o777,
    type: "symlink" as const,
    size: 0,
    target: target.slice(0, 200),
  })),
  fifo: inode.map(({ time: at, ...rest }) => ({ ...rest, ...at, type: "fifo" as const, size: 0 })),
  directory: fc
    .tuple(inode, fc.uniqueArray(fc.tuple(name, tie("node")), { selector: ([key]) => key, maxLength: 5 }), xattrs)
    .map(([{ time: at, ...rest }, children, attributes]) => ({
      ...rest,
      ...at,
      type: "directory" as const,
      size: 0,
      children,
      ...named(attributes),
    })),
}));

/** A layer of entries only, in order: each directory's names sorted, some files with a second name. */
export const randomLayer: fc.Arbitrary<RandomLayer> = fc
  .tuple(
    fc.uniqueArray(fc.tuple(name, node), { selector: ([key]) => key, maxLength: 6 }),
    fc.infiniteStream(fc.nat({ max: 5 })),
  )
  .map(([children, choices]) => {
    const layer = { changes: [] as Entry[], contents: {} as Record<string, Uint8Array> };
    flatten("", children, layer, choices);
    return layer;
  });

function named(attributes: Record<string, Uint8Array> | undefined): Pick<Entry, "xattrs"> {
  if (!attributes) return {};
  return {
    xattrs: new Map(
      Object.entries(attributes)
        .sort(([a], [b]) => compareNames(a, b))
        .map(([key, value]) => [key, Uint8Array.from(value)]),
    ),
  };
}

function flatten(
  parent: string,
  children: readonly (readonly [string, Node])[],
  layer: { changes: Entry[]; contents: Record<string, Uint8Array> },
  choices: Iterator<number>,
): void {
  for (const [key, value] of [...children].sort(([a], [b]) => compareNames(a, b))) {
    const path = joinPath(parent, key);
    const { content, children: below, ...rest } = value;
    const first = layer.changes.find(({ type, hardlink }) => type === "file" && hardlink === undefined);
    if (value.type === "file" && first && choices.next().value === 0) {
      layer.changes.push({ ...first, path, hardlink: first.path });
      continue;
    }
    layer.changes.push({ ...rest, path });
    if (content) layer.contents[path] = content;
    flatten(path, below ?? [], layer, choices);
  }
}
