// What is in the upper directory of an overlay and not in its layer: files that were copied up and stayed as they were,
// and sockets. On other layers below they would be wrong, so a directory that is kept as the layer has none of them.
// https://docs.kernel.org/filesystems/overlayfs.html

import { statOf } from "./host-entry.js";
import { setTimes } from "./node.js";
import { parentOf } from "./path-bytes.js";
import { tryRemoveTree } from "./remove-tree.js";

export interface LeftOver {
  readonly path: string;
  /** Whether the directory would say something else without it: it stands where the directory hides what is below. */
  readonly isNeeded: boolean;
}

/**
 * Takes what is left over out of an upper directory; its directories keep their times.
 * @returns false when the directory still is not what its layer says: some is needed, or could not be removed
 */
export function removeLeftOver(upper: string, leftOver: readonly LeftOver[]): boolean {
  if (leftOver.some(({ isNeeded }) => isNeeded)) return false;
  const place = (path: string) => (path === "" ? upper : `${upper}/${path}`);
  const parents = [...new Set(leftOver.map(({ path }) => place(parentOf(path))))];
  const times = parents.map((parent) => [parent, statOf(parent).mtimeNs] as const);
  if (leftOver.some(({ path }) => tryRemoveTree(place(path)) !== undefined)) return false;
  for (const [parent, mtime] of times) setTimes(parent, Number(mtime / SECOND), Number(mtime % SECOND));
  return true;
}

const SECOND = 1_000_000_000n;
