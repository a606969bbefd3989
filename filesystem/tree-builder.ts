// Makes a new tree from an old one and the changes of a layer. Nodes of the old tree are shared, not changed: the
// directories on the way to a change are copied once per builder.

import type { Digest } from "../oci/index.js";
import type { Entry, LayerChange } from "./entry.js";
import { nameOf, parentOf } from "./path-bytes.js";

/** An entry in its place. Immutable once its builder is done. */
export interface TreeNode {
  entry: Entry;
  layer: Digest | undefined;
  /** By name; only directories have it. */
  readonly children: Map<string, TreeNode> | undefined;
  /** The children in order of names, made when first asked for. */
  sorted: readonly TreeNode[] | undefined;
}

export class TreeBuilder {
  root: TreeNode;
  size: number;
  readonly #layer: Digest | undefined;
  /** The directories that belong to this builder, and may therefore be changed, by path. */
  readonly #own = new Map<string, TreeNode>();
  /** The answer that `#directory` gave last: entries come directory by directory. */
  #last: TreeNode | undefined;
  #lastPath = "";

  constructor(root: TreeNode, size: number, layer: Digest | undefined) {
    this.root = copyOf(root);
    this.size = size;
    this.#layer = layer;
    this.#own.set("", this.root);
  }

  apply(change: LayerChange): void {
    if (change.type === "whiteout") this.#remove(change.path);
    else if (change.type === "opaque") this.#clear(change.path);
    else this.#set(change);
  }

  #set(entry: Entry): void {
    if (entry.path === "") return this.#replaceMetadata(this.root, entry);
    const directory = this.#directory(parentOf(entry.path));
    const name = nameOf(entry.path);
    const node = directory.children!.get(name);
    if (node?.children && entry.type === "directory") this.#replaceMetadata(node, entry);
    else this.#put(directory, name, entry, node);
  }

  /** The directory keeps what is in it. */
  #replaceMetadata(node: TreeNode, entry: Entry): void {
    const own = this.#ownDirectory(entry.path, node);
    own.entry = entry;
    own.layer = this.#layer;
  }

  #put(directory: TreeNode, name: string, entry: Entry, old: TreeNode | undefined): TreeNode {
    if (old) this.#forget(old);
    const children = entry.type === "directory" ? new Map<string, TreeNode>() : undefined;
    const node: TreeNode = { entry, layer: this.#layer, children, sorted: undefined };
    directory.children!.set(name, node);
    if (children) this.#own.set(entry.path, node);
    this.size += 1;
    return node;
  }

  #remove(path: string): void {
    const directory = this.#existing(parentOf(path));
    const node = directory?.children?.get(nameOf(path));
    if (!node) return;
    this.#forget(node);
    this.#directory(parentOf(path)).children!.delete(nameOf(path));
  }

  #clear(path: string): void {
    const directory = this.#existing(path);
    if (!directory?.children?.size) return;
    const own = this.#directory(path);
    for (const child of own.children!.values()) this.#forget(child);
    own.children!.clear();
  }

  /** Takes a node and all below it out of the count and out of the list of own directories. */
  #forget(node: TreeNode): void {
    this.size -= 1;
    if (!node.children) return;
    this.#own.delete(node.entry.path);
    this.#last = undefined;
    for (const child of node.children.values()) this.#forget(child);
  }

  /** The directory at `path`, ready to be changed. What is missing is made; what is no directory is replaced by one. */
  #directory(path: string): TreeNode {
    if (path !== this.#lastPath || !this.#last) {
      this.#last = this.#own.get(path) ?? this.#findOrMake(path);
      this.#lastPath = path;
    }
    return this.#last;
  }

  #findOrMake(path: string): TreeNode {
    const parent = this.#directory(parentOf(path));
    const node = parent.children!.get(nameOf(path));
    return node?.children
      ? this.#ownDirectory(path, node)
      : this.#put(parent, nameOf(path), impliedDirectory(path), node);
  }

  #ownDirectory(path: string, node: TreeNode): TreeNode {
    const own = this.#own.get(path);
    if (own) return own;
    const copy = copyOf(node);
    this.#directory(parentOf(path)).children!.set(nameOf(path), copy);
    this.#own.set(path, copy);
    return copy;
  }

  #existing(path: string): TreeNode | undefined {
    return this.#own.get(path) ?? this.#existing(parentOf(path))?.children?.get(nameOf(path));
  }
}

/** The children of a directory in order of names; none for anything else. */
export function sortedChildren(node: TreeNode | undefined): readonly TreeNode[] {
  if (!node?.children) return [];
  node.sorted ??= inOrder(node.children);
  return node.sorted;
}

/** Sorts only when it must: most directories are filled in order. */
function inOrder(children: ReadonlyMap<string, TreeNode>): readonly TreeNode[] {
  let last = "";
  for (const name of children.keys()) {
    if (name < last) return [...children.keys()].sort().map((key) => children.get(key)!);
    last = name;
  }
  return [...children.values()];
}

/** A directory that no layer describes, but which must be there. */
export function impliedDirectory(path: string): Entry {
  return { path, type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0, mtimeNs: 0 };
}

function copyOf(node: TreeNode): TreeNode {
  return { entry: node.entry, layer: node.layer, children: new Map(node.children), sorted: undefined };
}
