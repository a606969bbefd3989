// The cache mounts of one build beyond its store: restored before the first step that uses them, saved after the last.
// None of it ever fails a build.

import { join } from "node:path";
import { type CacheMountDirectory, type CacheMountIdentity, type Store, stagedName } from "../../cache/index.js";
import type { CacheMount, SharedMounts } from "../../executor/index.js";
import { removeTree } from "../../filesystem/index.js";
import { type BuildFact, reportWork, type WorkReporter } from "../../progress.js";
import type { MountsIndex, SavedMount } from "./format.js";
import { type MountsPlace, readMounts } from "./place.js";
import { restoreTar, withoutRest } from "./restore.js";
import { type InspectTar, LARGEST_MOUNT, type PlacedTarget, saveMount } from "./save-mount.js";
import { openImageStore, type OpenImageStoreOptions } from "../open-image-store.js";
import type { MountsSource, MountsTarget } from "../spec.js";

export interface CacheMountsOptions extends OpenImageStoreOptions {
  readonly from: readonly MountsSource[];
  readonly to: readonly MountsTarget[];
  readonly store: Store;
  readonly emit: (fact: BuildFact) => void;
  readonly signal?: AbortSignal;
  /** See `SaveMountOptions`. */
  readonly inspect?: InspectTar;
}

export class CacheMounts implements SharedMounts {
  readonly #options: CacheMountsOptions;
  readonly #from: readonly MountsPlace[];
  readonly #to: readonly PlacedTarget[];
  readonly #indexes = new Map<MountsPlace, Promise<MountsIndex | undefined>>();
  readonly #used = new Map<string, CacheMountDirectory>();

  /** Nothing is asked for yet. @throws bad_reference, usage */
  constructor(options: CacheMountsOptions) {
    this.#options = options;
    this.#from = options.from.map((source) => openImageStore(source, options));
    this.#to = options.to.map(({ maxSize = LARGEST_MOUNT, ...source }) => ({
      place: openImageStore(source, options),
      maxSize,
    }));
  }

  async open(key: string, { id }: Pick<CacheMount, "id">): Promise<AsyncIterable<Uint8Array> | undefined> {
    for (const place of this.#from) {
      const index = await this.#indexOf(place);
      const mount = index?.mounts.find((one) => one.key === key);
      const tar = mount && (await this.#restore(mount, index!, place, id));
      if (tar) return tar;
    }
    return undefined;
  }

  used(key: string, { id, mode, uid, gid }: CacheMountIdentity, directory: string): void {
    this.#used.set(key, { id, mode, uid, gid, key, directory, data: join(directory, "data"), isCopy: false });
  }

  failed({ id }: Pick<CacheMount, "id">, error: unknown): void {
    this.#warn("--cache-mounts-from", `the cache mount "${id}" begins empty`, error);
  }

  /** Saves those that steps have used. */
  async export(): Promise<void> {
    for (const target of this.#to) {
      if (this.#used.size === 0) return;
      const name = `exporting cache mounts to ${target.place.name}`;
      await reportWork(this.#options.emit, name, name, async (report) => {
        for (const mount of this.#used.values()) await this.#save(mount, target, report);
      });
    }
  }

  async #save(mount: CacheMountDirectory, target: PlacedTarget, report: WorkReporter): Promise<void> {
    const { store, signal, inspect } = this.#options;
    const options = { ...(signal && { signal }), ...(inspect && { inspect }) };
    try {
      report.status(`${mount.id}: ${await saveMount(mount, target, store, options)}`);
    } catch (error) {
      this.#warn("--cache-mounts-to", `the cache mount "${mount.id}" is not saved`, error);
    }
  }

  async #restore(mount: SavedMount, index: MountsIndex, place: MountsPlace, id: string) {
    const { store, emit, signal } = this.#options;
    const directory = stagedName(join(store.scratch(), "packs"));
    const name = `restoring cache mount ${id} from ${place.name}`;
    try {
      const tar = await reportWork(emit, name, name, async (report) => {
        const opened = await restoreTar(mount, index, await place.open(), directory, signal ? { signal } : {});
        report.status(`${mount.size} bytes`);
        return opened;
      });
      return withoutRest(tar, directory);
    } catch (error) {
      removeTree(directory);
      this.failed({ id }, error);
      return undefined;
    }
  }

  #indexOf(place: MountsPlace): Promise<MountsIndex | undefined> {
    const known = this.#indexes.get(place) ?? this.#read(place);
    this.#indexes.set(place, known);
    return known;
  }

  async #read(place: MountsPlace): Promise<MountsIndex | undefined> {
    const { emit, signal } = this.#options;
    try {
      const index = await readMounts(place, signal ? { signal } : {});
      if (!index)
        emit({ type: "warning", rule: "--cache-mounts-from", message: `there are no cache mounts at ${place.name}` });
      return index;
    } catch (error) {
      this.#warn("--cache-mounts-from", `cache mounts of ${place.name} are not used`, error);
      return undefined;
    }
  }

  /** Whatever went wrong: a step that finds its mount empty is only slower. @throws when the build is to end */
  #warn(rule: string, what: string, error: unknown): void {
    if (this.#options.signal?.aborted) throw error;
    this.#options.emit({ type: "warning", rule, message: `${what}: ${(error as Error).message}` });
  }
}
