// RUN --mount=type=cache: a directory of the store that outlives the build (S-131 to S-135).

import { chmodSync, chownSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import {
  acquireLock,
  cacheMountKey,
  describeCacheMount,
  type Lock,
  noteUse,
  stagedName,
  tryLock,
} from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { FileTree, recordOwner, removeTree, unpackLayer } from "../../filesystem/index.js";
import type { Execution, Result } from "../context.js";
import { unpackOptions } from "../layers/unpacked.js";
import { openSource } from "../ops/sources.js";
import { ownership } from "../ownership.js";
import type { CacheMount } from "../shared.js";
import type { PreparedMount } from "./prepared.js";
import { selectionLayer } from "./selection.js";

/** @param fresh the first step of the build that mounts the cache begins with an empty one: `--no-cache` (S-134) */
export async function prepareCache(
  execution: Execution,
  mount: CacheMount,
  seed: Result | undefined,
  fresh: boolean,
): Promise<PreparedMount> {
  const { directory, lock } = await claim(execution, mount);
  try {
    const data = join(directory, "data");
    if (fresh && !execution.emptied.has(data)) discard(data);
    if (fresh) execution.emptied.add(data);
    if (!existsSync(data)) await make(execution, mount, { seed, data, fresh });
    describeCacheMount(directory, mount);
    noteUse(execution.store.paths, "mount", basename(directory));
    if (!isCopy(directory)) execution.sharedMounts?.used(cacheMountKey(mount), mount, directory);
    const bind = { type: "bind", source: data, target: mount.target, readonly: mount.readonly } as const;
    return { mounts: [bind], points: [{ path: mount.target, type: "directory" }], release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Claim {
  readonly directory: string;
  readonly lock: Lock;
}

/** shared: beside others. locked: alone, after those before. private: a directory that nobody else uses now. */
async function claim({ store, signal }: Execution, mount: CacheMount): Promise<Claim> {
  const name = (copy: number) => store.paths.cacheMount(`${cacheMountKey(mount)}${copy === 0 ? "" : `-${copy}`}`);
  if (mount.sharing !== "private") {
    const directory = name(0);
    return {
      directory,
      lock: await acquireLock(join(directory, "lock"), { shared: mount.sharing === "shared", signal }),
    };
  }
  for (let copy = 0; ; copy++) {
    const directory = name(copy);
    const lock = tryLock(join(directory, "lock"));
    if (lock) return { directory, lock };
  }
}

/** A further directory of a private mount, beside the first. */
function isCopy(directory: string): boolean {
  return basename(directory).includes("-");
}

interface Making {
  readonly seed: Result | undefined;
  readonly data: string;
  readonly fresh: boolean;
}

/** Whole or not at all: a build that is killed while it copies the first content leaves no half of it. */
async function make(execution: Execution, mount: CacheMount, { seed, data, fresh }: Making): Promise<void> {
  const staged = stagedName(join(execution.store.scratch(), "cache-mount"));
  const isRestored = !fresh && (await restore(execution, mount, staged));
  if (!isRestored && seed) await unpackSeed(execution, mount, seed, staged);
  else mkdirSync(staged, { recursive: true });
  if (ownership() === "recorded") recordOwner(staged, mount);
  else chownSync(staged, mount.uid, mount.gid);
  chmodSync(staged, mount.mode);
  try {
    renameSync(staged, data);
  } catch (error) {
    if (!existsSync(data)) throw error;
    removeTree(staged); // another build that shares the mount was quicker
  }
}

/** What others left of this mount. @returns false when there is nothing, or nothing that is whole */
async function restore(execution: Execution, mount: CacheMount, staged: string): Promise<boolean> {
  const { sharedMounts, signal } = execution;
  const tar = await sharedMounts?.open(cacheMountKey(mount), mount);
  if (!tar) return false;
  try {
    await unpackLayer(tar, staged, { signal, ...unpackOptions(), parent: FileTree.empty });
    return true;
  } catch (error) {
    removeTree(staged);
    sharedMounts!.failed(mount, error);
    return false;
  }
}

async function unpackSeed(execution: Execution, mount: CacheMount, seed: Result, staged: string): Promise<void> {
  const source = await openSource(execution, seed);
  const path = source.tree.resolve(mount.source);
  if (source.tree.get(path)?.type !== "directory") {
    throw new TsbuildError("source_not_found", `no directory "${mount.source}" to begin the cache "${mount.id}" with`, {
      hint: "Correct source= of the mount, or leave out from= to begin with an empty cache.",
    });
  }
  const layer = await selectionLayer(execution, source, path, "");
  await unpackLayer(await execution.store.blobs.open(layer.blob), staged, { parent: FileTree.empty });
}

function discard(data: string): void {
  removeTree(data);
}
