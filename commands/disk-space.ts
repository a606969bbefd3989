// The commands on the space that the store takes: how much, and less of it.

import {
  diskUsage,
  parseFilter,
  prunable,
  prune,
  type Pruned,
  type Selection,
  type Usage,
  type VerifiedStore,
  verifyStore,
} from "../space/index.js";
import { withExistingStore } from "./with-store.js";

export interface DiskUsageOptions {
  /** The store. @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
  readonly home?: string;
  /** As docker has them: `type=exec.cachemount`, `until=24h`, `id~=^3f`, `inuse=false`. All must match. @default [] */
  readonly filters?: readonly string[];
}

export interface PruneOptions extends DiskUsageOptions {
  /** Also what only saves time or tells of the past: records and logs of builds, indexes of layers. @default false */
  readonly all?: boolean;
  /** Bytes of cache that may stay at most: what is worth least goes. @default nothing stays that no image or build needs */
  readonly maxUsed?: number;
  /** Bytes of cache that always may stay. @default 0 */
  readonly reserved?: number;
  /** Bytes that the disk shall have free. @default 0 */
  readonly minFree?: number;
  /** Only tell what would go. @default false */
  readonly dryRun?: boolean;
}

/** @throws usage */
export async function measureStore(options: DiskUsageOptions = {}): Promise<Usage> {
  const filters = parseFilters(options);
  return withExistingStore(options, async (store) => diskUsage(store, filters));
}

/**
 * Removes cache that no image of the store and no running build needs. May run beside builds.
 * @throws usage, store_unwritable
 */
export async function pruneStore(options: PruneOptions = {}): Promise<Pruned> {
  const { all, maxUsed, reserved, minFree, dryRun = false } = options;
  const selection: Selection = {
    filters: parseFilters(options),
    ...(all !== undefined && { all }),
    ...(maxUsed !== undefined && { maxUsed }),
    ...(reserved !== undefined && { reserved }),
    ...(minFree !== undefined && { minFree }),
  };
  return withExistingStore(options, async (store) => (dryRun ? prunable : prune)(store, selection));
}

export interface VerifyCacheOptions extends Pick<DiskUsageOptions, "home"> {
  /** Drop what is wrong. @default true */
  readonly repair?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads and hashes the whole store again: blobs, indexes, unpacked layers, records, names of images. Drops what is wrong, so
 * that it is made or fetched again when it is needed. May run beside builds.
 */
export async function verifyCache({ home, ...options }: VerifyCacheOptions = {}): Promise<VerifiedStore> {
  return withExistingStore(home === undefined ? {} : { home }, (store) => verifyStore(store, options));
}

function parseFilters({ filters = [] }: DiskUsageOptions) {
  const now = Date.now();
  return filters.map((word) => parseFilter(word, now));
}
