// The content of a cache mount from elsewhere, before any step uses it.

import { chmodSync, chownSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import {
  type CacheMountIdentity,
  cacheMountKey,
  describeCacheMount,
  stagedName,
  type Store,
  tryLock,
} from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { FileTree, recordOwner, removeTree, unpackLayer } from "../../filesystem/index.js";
import { unpackOptions } from "../layers/unpacked.js";
import { ownership } from "../ownership.js";

export interface ImportCacheOptions {
  /** In the place of content that is here. @default false */
  readonly replace?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Makes `tar` the content of a mount, whole or not at all.
 * @returns false when there is content already, which stays
 * @throws bad_mount when a step uses the mount; what reading the tar throws
 */
export async function importCacheMount(
  store: Store,
  mount: CacheMountIdentity,
  tar: AsyncIterable<Uint8Array>,
  { replace = false, signal }: ImportCacheOptions = {},
): Promise<boolean> {
  const directory = store.paths.cacheMount(cacheMountKey(mount));
  const data = join(directory, "data");
  const staged = stagedName(join(store.scratch(), "cache-mount"));
  const lock = tryLock(join(directory, "lock"));
  if (!lock)
    throw new TsbuildError("bad_mount", `the cache mount "${mount.id}" is in use`, {
      hint: "Try again when the build that uses it is done.",
    });
  try {
    if (existsSync(data) && !replace) return false;
    mkdirSync(staged);
    await unpackLayer(tar, staged, { ...unpackOptions(), parent: FileTree.empty, ...(signal && { signal }) });
    if (ownership() === "recorded") recordOwner(staged, mount);
    else chownSync(staged, mount.uid, mount.gid);
    chmodSync(staged, mount.mode);
    removeTree(data);
    renameSync(staged, data);
    describeCacheMount(directory, mount);
    return true;
  } finally {
    removeTree(staged);
    lock.release();
  }
}
