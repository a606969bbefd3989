// What is kept of cache mounts somewhere, for those who ask outside of a build.

import { join } from "node:path";
import { type CacheMountDirectory, type Store, stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { openImageStore, type OpenImageStoreOptions } from "../open-image-store.js";
import type { PlaceOptions } from "../place.js";
import type { MountsSource, MountsTarget } from "../spec.js";
import type { SavedMount } from "./format.js";
import { readMounts } from "./place.js";
import { restoreTar, withoutRest } from "./restore.js";
import { LARGEST_MOUNT, look, saveMount } from "./save-mount.js";

type Options = OpenImageStoreOptions & PlaceOptions;

export interface SavedMounts {
  readonly mounts: readonly SavedMount[];
  /** The mount's tar. What is fetched for it is removed when it was read. */
  open(mount: SavedMount): Promise<AsyncIterable<Uint8Array>>;
}

/** @throws cache_unavailable when there is nothing, bad_manifest when there is something else */
export async function openSaved(from: MountsSource, store: Store, options: Options): Promise<SavedMounts> {
  const place = openImageStore(from, options);
  const index = await readMounts(place, options);
  if (!index)
    throw new TsbuildError("cache_unavailable", `there are no cache mounts at ${place.name}`, {
      hint: "Write some there with --cache-mounts-to, or tsbuild cache mounts export.",
    });
  const open = async (mount: SavedMount) => {
    const directory = stagedName(join(store.scratch(), "packs"));
    return withoutRest(await restoreTar(mount, index, await place.open(), directory, options), directory);
  };
  return { mounts: index.mounts, open };
}

export async function listSaved(from: MountsSource, options: Options) {
  const place = openImageStore(from, options);
  const index = await readMounts(place, options);
  if (!index)
    throw new TsbuildError("cache_unavailable", `there are no cache mounts at ${place.name}`, {
      hint: "Write some there with --cache-mounts-to, or tsbuild cache mounts export.",
    });
  return index.mounts.map(({ id, key, mode, uid, gid, size, saved }) => ({ id, key, mode, uid, gid, size, saved }));
}

/** @returns what was done, for people */
export function saveMountTo(
  { maxSize = LARGEST_MOUNT, ...to }: MountsTarget,
  mount: CacheMountDirectory,
  store: Store,
  options: Options,
): Promise<string> {
  return saveMount(mount, { place: openImageStore(to, options), maxSize }, store, options);
}

/** Bytes of the files below. */
export function measureMount(data: string): number {
  return look(data).size;
}
