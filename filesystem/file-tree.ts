// A root filesystem as data: the merged indexes of a stack of layers, or the files of a context.
// https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets

import type { Digest } from "../oci/index.js";
import type { Entry, LayerChange } from "./entry.js";
import { resolveIn } from "./resolve.js";
import { impliedDirectory, sortedChildren, TreeBuilder, type TreeNode } from "./tree-builder.js";

export interface ResolveOptions {
  /**
   * Whether a symlink at the end of the path is followed. One before a trailing "/" always is.
   * @default true
   */
  readonly followLast?: boolean;
}

/** Immutable. Trees that were made from one another share all that they have in common. */
export class FileTree {
  /** Only the root directory: 0755, owned by 0:0. */
  static readonly empty = new FileTree(emptyRoot(), 1);

  readonly #root: TreeNode;
  /** Number of entries, the root included. */
  readonly size: number;

  private constructor(root: TreeNode, size: number) {
    this.#root = root;
    this.size = size;
  }

  static of(entries: readonly Entry[]): FileTree {
    return FileTree.empty.apply(entries);
  }

  /**
   * The tree with a layer on top. Missing parents are made (0755, 0:0); a directory over a directory replaces only its
   * metadata; any other entry replaces the whole old tree (S-167).
   * @param layer is what `layerOf` then says of the entries.
   */
  apply(changes: readonly LayerChange[], layer?: Digest): FileTree {
    if (changes.length === 0) return this;
    const builder = new TreeBuilder(this.#root, this.size, layer);
    for (const change of changes) builder.apply(change);
    return new FileTree(builder.root, builder.size);
  }

  /** The entry at a canonical path. No symlink is followed. */
  get(path: string): Entry | undefined {
    return this.#node(path)?.entry;
  }

  /** The layer that the entry at a canonical path came from; undefined also for what no layer says. */
  layerOf(path: string): Digest | undefined {
    return this.#node(path)?.layer;
  }

  /** The entry at any spelling of a path, all symlinks followed. */
  stat(path: string): Entry | undefined {
    return this.get(this.resolve(path));
  }

  /** The entries of the directory at a canonical path, sorted by name. */
  children(path: string): readonly Entry[] {
    return sortedChildren(this.#node(path)).map((node) => node.entry);
  }

  /** The entry at a canonical path and everything below it: parents first, sorted by name. */
  *walk(path = ""): Generator<Entry, void> {
    const start = this.#node(path);
    const stack = start ? [start] : [];
    for (let node = stack.pop(); node; node = stack.pop()) {
      yield node.entry;
      const children = sortedChildren(node);
      for (let index = children.length - 1; index >= 0; index--) stack.push(children[index]!);
    }
  }

  /**
   * The canonical path that `path` leads to: symlinks are followed inside the root (absolute targets begin at the
   * root, ".." stops there). Names below what is missing, or below what is no directory, are kept as they are written.
   * @throws bad_value when more than 40 symlinks are met.
   */
  resolve(path: string, options: ResolveOptions = {}): string {
    return resolveIn(this.#root, path, options.followLast ?? true);
  }

  #node(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.#root;
    if (path === "") return node;
    for (const name of path.split("/")) node = node?.children?.get(name);
    return node;
  }
}

function emptyRoot(): TreeNode {
  return { entry: impliedDirectory(""), layer: undefined, children: new Map(), sorted: undefined };
}
