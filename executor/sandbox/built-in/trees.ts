// Files and directories of the host that the launcher takes hold of before the root changes, and mounts after it. So no
// path of the step's root is ever resolved where the host's files can be reached.
// man 2 open_tree

import { type Operation, operation } from "./operation.js";

/** Numbers for the launcher's table of held trees. */
export class TreeSlots {
  readonly #slots: Map<string, number>;

  /** @param before slots that are taken already. @default none */
  constructor(before?: TreeSlots) {
    this.#slots = new Map(before ? before.#slots : []);
  }

  add(source: string): number {
    const slot = this.#slots.get(source) ?? this.#slots.size;
    this.#slots.set(source, slot);
    return slot;
  }

  has(source: string): boolean {
    return this.#slots.has(source);
  }

  get(source: string): number {
    const slot = this.#slots.get(source);
    if (slot === undefined) throw new Error(`${source} is mounted, but was not held`);
    return slot;
  }
}

export function hold(trees: TreeSlots, key: string, source: string): Operation {
  return operation(`open ${source}`, "tree", trees.add(key), source);
}

/** A file system that is attached later. */
export function create(trees: TreeSlots, type: string, attributes: number): Operation {
  return operation(`mount ${type}`, "filesystem", trees.add(type), type, attributes);
}

/** Each held tree can be attached once. */
export function attach(trees: TreeSlots, key: string, target: string, attributes: number): Operation {
  return operation(`mount ${key} at ${target}`, "attach", trees.get(key), target, attributes);
}
