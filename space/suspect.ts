// What of the store looks wrong. Builds and prune go on meanwhile, so it is looked at once more while nothing is removed:
// a record and its blob that prune took one after the other are no damage.

import { accessSync, constants, lstatSync } from "node:fs";
import { errorCode, type Store, storeError } from "../cache/index.js";

export interface StoreFinding {
  readonly kind: "blob" | "index" | "unpacked" | "record" | "image" | "build";
  /** Relative to the store; the name of an image. */
  readonly name: string;
  /** In lower case, no period: `its content is another one`. */
  readonly message: string;
  /** That it was not dropped, because only its user can mend it. @default false */
  readonly stays?: boolean;
}

export interface Suspect extends StoreFinding {
  /** Whether it is there and as wrong as it was. Asked while nothing is removed from the store: must be quick. */
  readonly isStillWrong: () => boolean;
  /** Called while nothing is removed or added; what it returns is done when builds go on. Absent for what stays. */
  readonly drop?: () => void | (() => void | Promise<void>);
}

/** @returns what was found for certain. @throws store_unwritable, store_full when it cannot be dropped */
export async function confirm(
  store: Store,
  { isStillWrong, drop, ...finding }: Suspect,
  repair: boolean,
): Promise<StoreFinding | undefined> {
  let later: (() => void | Promise<void>) | undefined;
  try {
    const isWrong = undisturbed(store, () => {
      if (!isStillWrong()) return false;
      if (repair) later = drop?.() ?? undefined;
      return true;
    });
    await later?.();
    return isWrong ? finding : undefined;
  } catch (error) {
    throw storeError(error, finding.name);
  }
}

/** Tells whether what is at a path is what was there before; undefined when nothing is. */
export function inodeOf(path: string): bigint | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** A store that cannot be written to is not pruned either. */
function undisturbed<Value>(store: Store, work: () => Value): Value {
  return isWritable(store.paths.root) ? store.removing(work) : work();
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    if (["EROFS", "EACCES"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}
