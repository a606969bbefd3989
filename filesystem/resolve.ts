// Follows symbolic links inside a root, as the kernel would after chroot.

import { TsbuildError } from "../errors.js";
import type { TreeNode } from "./tree-builder.js";

/** As the kernel has it. */
const MAX_LINKS = 40;

/** The canonical path of `path` below `root`: see `FileTree.resolve`. */
export function resolveIn(root: TreeNode, path: string, followLast: boolean): string {
  const position = new Position(root);
  const pending = path.split("/").reverse();
  let links = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const target = followLast || pending.length > 0 ? position.linkTarget(name) : undefined;
    if (target === undefined) {
      position.enter(name);
      continue;
    }
    if (++links > MAX_LINKS) throw tooManyLinks(path);
    if (target.startsWith("/")) position.reset();
    pending.push(...target.split("/").reverse());
  }
  return position.path;
}

/** A place below the root, which may be missing. */
class Position {
  readonly #root: TreeNode;
  readonly #names: string[] = [];
  readonly #nodes: (TreeNode | undefined)[] = [];

  constructor(root: TreeNode) {
    this.#root = root;
  }

  get path(): string {
    return this.#names.join("/");
  }

  linkTarget(name: string): string | undefined {
    const entry = this.#child(name)?.entry;
    return entry?.type === "symlink" ? (entry.target ?? "") : undefined;
  }

  enter(name: string): void {
    if (name === "" || name === ".") return;
    if (name === "..") {
      this.#names.pop();
      this.#nodes.pop();
      return;
    }
    const node = this.#child(name);
    this.#names.push(name);
    this.#nodes.push(node);
  }

  reset(): void {
    this.#names.length = 0;
    this.#nodes.length = 0;
  }

  #child(name: string): TreeNode | undefined {
    const here = this.#names.length === 0 ? this.#root : this.#nodes.at(-1);
    return here?.children?.get(name);
  }
}

function tooManyLinks(path: string): TsbuildError {
  const hint = "Remove the loop of symbolic links, or name the file itself.";
  return new TsbuildError("bad_value", `"${path}" leads through more than ${MAX_LINKS} symbolic links`, { hint });
}
