// The commands on cache mounts: what there is, here or elsewhere, and moving it.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { type CacheMountDirectory, cacheMounts, type Store, tryLock } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { importCacheMount } from "../executor/index.js";
import { removeTree } from "../filesystem/index.js";
import {
  listSaved,
  measureMount,
  type MountsSource,
  type MountsTarget,
  openSaved,
  saveMountTo,
} from "../shared-cache/index.js";
import type { RegistryCommandOptions } from "./transfer.js";
import { type CommandOptions, withExistingStore, withStore } from "./with-store.js";

export interface CacheMountSummary {
  /** As RUN --mount=type=cache,id= has it; the target without one. */
  readonly id: string;
  /** Names it beside others of the same id: 64 hex digits, and `-1` and so on for further directories of sharing=private. */
  readonly key: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of its files; of one that is elsewhere, bytes of its tar. Absent when it was not asked for. */
  readonly size?: number;
  /** When it was saved: RFC 3339, UTC. Only of one that is elsewhere. */
  readonly saved?: string;
}

export interface ListCacheMountsOptions extends RegistryCommandOptions {
  /** Lists what is kept there. @default the store */
  readonly from?: MountsSource;
  /** Measure those of the store, which takes a look at each of their files. @default false */
  readonly sizes?: boolean;
}

export interface MoveCacheMountsOptions extends RegistryCommandOptions {
  /** Ids, or beginnings of keys. @default all */
  readonly ids?: readonly string[];
  /** For import: also mounts that have content here, which is lost. @default false */
  readonly replace?: boolean;
}

/** What became of a mount. */
export interface MovedCacheMount {
  readonly id: string;
  readonly key: string;
  /** `unchanged`, `1024 bytes sent`, `restored`, `is here already`. */
  readonly outcome: string;
}

/** @throws cache_unavailable, RegistryError, bad_manifest when `from` cannot be read */
export const listCacheMounts = (options: ListCacheMountsOptions = {}): Promise<readonly CacheMountSummary[]> =>
  withExistingStore(options, async (store, { openRepository }) => {
    if (options.from) return listSaved(options.from, { openRepository, ...aborting(options) });
    return cacheMounts(store.paths).map((mount) => summary(mount, options.sizes ?? false));
  });

/** Saves mounts of the store: only what is new travels. @throws bad_mount when there is none of an id; what the place throws */
export const exportCacheMounts = (
  to: MountsTarget,
  options: MoveCacheMountsOptions = {},
): Promise<readonly MovedCacheMount[]> =>
  withExistingStore(options, async (store, { openRepository }) => {
    const chosen = select(
      cacheMounts(store.paths).filter(({ isCopy }) => !isCopy),
      options.ids,
    );
    const moved: MovedCacheMount[] = [];
    for (const mount of chosen) {
      const outcome = await saveMountTo(to, mount, store, { openRepository, ...aborting(options) });
      moved.push({ id: mount.id, key: mount.key, outcome });
    }
    return moved;
  });

/** Brings mounts into the store. @throws bad_mount when there is none of an id; what the place throws */
export const importCacheMounts = (
  from: MountsSource,
  options: MoveCacheMountsOptions = {},
): Promise<readonly MovedCacheMount[]> =>
  withStore(options, async (store, { openRepository }) => {
    const saved = await openSaved(from, store, { openRepository, ...aborting(options) });
    const moved: MovedCacheMount[] = [];
    for (const mount of select(saved.mounts, options.ids)) {
      const isHere = cacheMounts(store.paths).some(({ key }) => key === mount.key);
      if (!isHere || options.replace) await importCacheMount(store, mount, await saved.open(mount), options);
      moved.push({
        id: mount.id,
        key: mount.key,
        outcome: isHere && !options.replace ? "is here already" : "restored",
      });
    }
    return moved;
  });

/** @returns those removed @throws bad_mount when there is none of an id, or a step uses it */
export const removeCacheMounts = (
  ids: readonly string[],
  options: CommandOptions = {},
): Promise<readonly CacheMountSummary[]> =>
  withExistingStore(options, async (store) => {
    const chosen = select(cacheMounts(store.paths), ids);
    return chosen.map((mount) => remove(mount, store));
  });

function remove(mount: CacheMountDirectory, store: Store): CacheMountSummary {
  const lock = tryLock(join(mount.directory, "lock"));
  if (!lock)
    throw new TsbuildError("bad_mount", `the cache mount "${mount.id}" is in use by a build`, {
      hint: "Try again when that build is done.",
    });
  try {
    const removed = summary(mount, true);
    removeTree(mount.data);
    for (const name of ["mount.json", "saved.json"]) rmSync(join(mount.directory, name), { force: true });
    rmSync(store.paths.use("mount", mount.key), { force: true });
    return removed;
  } finally {
    lock.remove();
    removeTree(mount.directory);
  }
}

function summary(mount: CacheMountDirectory, sizes: boolean): CacheMountSummary {
  const { id, mode, uid, gid, key, directory, data, isCopy } = mount;
  const name = isCopy ? directory.slice(directory.indexOf(key)) : key;
  return { id, key: name, mode, uid, gid, ...(sizes && { size: measureMount(data) }) };
}

/** @throws bad_mount for a word that names none */
function select<Mount extends { readonly id: string; readonly key: string }>(
  mounts: readonly Mount[],
  words: readonly string[] | undefined,
): readonly Mount[] {
  if (words === undefined || words.length === 0) return mounts;
  const chosen = words.flatMap((word) => {
    const found = mounts.filter(({ id, key }) => id === word || (/^[0-9a-f]{8,}$/.test(word) && key.startsWith(word)));
    if (found.length > 0) return found;
    throw new TsbuildError("bad_mount", `no cache mount "${word}"`, {
      hint: 'List them with "tsbuild cache mounts ls".',
    });
  });
  return [...new Set(chosen)];
}

function aborting({ signal }: CommandOptions): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
