// The store on disk: an OCI image layout plus layer indexes, unpacked layers and cache records. Many processes share it.

import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { TsbuildError } from "../errors.js";
import { decodeIndex, encodeIndex, type LayerIndex } from "../filesystem/index.js";
import {
  type Descriptor,
  type Digest,
  hexOf,
  isTexts,
  type ReadOptions,
  sha256,
  throwIfInterrupted,
} from "../oci/index.js";
import { BuildDirectory } from "./build-directory.js";
import { Facts, PassingFacts, touch } from "./facts.js";
import { closeToOthers, createStore, findStore } from "./find-store.js";
import { moveInto, readIfPresent, writeFileAtomic } from "./files.js";
import { Layout } from "./layout.js";
import { acquireLock, lockFile } from "./lock.js";
import { StorePaths } from "./paths.js";
import { type DownloadFact, isDescriptor, isDownloadFact, isLayerFact, type LayerFact } from "./record.js";
import { PassingRecords, type Records, StoredRecords } from "./records.js";
import { isWhole, noteWriting, recover } from "./recovery.js";
import {
  hasCgroups,
  type Leftover,
  makeScratch,
  type NotedCgroup,
  removeDeadScratch,
  type Scratch,
} from "./scratch.js";
import { enter, oldestUser, type StoreUser } from "./users.js";
import { noteUse } from "./uses.js";

export interface StoreOptions {
  /** Whether nothing is known of what steps made before, and nothing is kept of what they make: each runs. @default false */
  readonly forget?: boolean;
}

export class Store extends Layout {
  readonly paths: StorePaths;
  /** What operations made, by cache key (without its `k1:`). */
  readonly records: Records;
  /** Layers by content digest: a layer that says the same is not kept twice. */
  readonly layersByContent: Facts<LayerFact>;
  /** The compressed twin of a layer, by `<diffID hex>-<compression>`. */
  readonly compressed: Facts<Descriptor>;
  /** Manifests that references stood for when they were pulled, by digest of reference and platform. */
  readonly pulled: Facts<Descriptor>;
  /** The records that the steps of a Dockerfile stood on the last time, by the sha256 of what names the Dockerfile. */
  readonly steps: Facts<Readonly<Record<string, string>>>;
  /** What was downloaded, by the sha256 of the URL, and by the file's own. */
  readonly downloads: Facts<DownloadFact>;
  /** `repository@digest` by which registries know an image, from pulls and pushes, by the digest of the manifest here. */
  readonly registryDigests: Facts<readonly string[]>;
  readonly #damaged = new Set<Digest>();
  readonly #readInPlace = new Set<Digest>();
  #scratch: Scratch | undefined;
  #leftovers: readonly Leftover[] = [];
  #user: StoreUser | undefined;

  private constructor(paths: StorePaths, { forget = false }: StoreOptions) {
    super(paths.root, {
      staging: () => this.scratch(),
      onDamaged: (digest) => this.#dropDamaged(digest),
      explain: (error) => error,
    });
    this.paths = paths;
    const StepFacts = forget ? PassingFacts : Facts;
    this.records = forget ? new PassingRecords(paths) : new StoredRecords(paths);
    this.layersByContent = new StepFacts(paths, "content1", isLayerFact);
    this.compressed = new Facts(paths, "compressed1", isDescriptor);
    this.pulled = new Facts(paths, "pulled1", isDescriptor);
    this.steps = new StepFacts(paths, "steps3", isTextByName);
    this.downloads = new Facts(paths, "http1", isDownloadFact);
    this.registryDigests = new Facts(paths, "registry1", isTexts);
  }

  /** Whether there is a store in `directory`. @throws not_a_store when it has other things in it, store_version */
  static isAt(directory: string): boolean {
    return findStore(new StorePaths(resolve(directory)));
  }

  /**
   * Opens the store in `directory`, and makes it when there is nothing.
   * @throws not_a_store, store_version, store_unwritable, store_full
   */
  static openAt(directory: string, options: StoreOptions = {}): Store {
    const paths = new StorePaths(resolve(directory));
    if (findStore(paths)) recover(paths);
    if (!existsSync(paths.imageIndex)) createStore(paths); // or whoever began it was killed
    closeToOthers(paths.root);
    const store = new Store(paths, options);
    store.#user = enter(paths.users);
    return store;
  }

  /** Blobs that were read since the store was opened, and were not what their names say. They are gone. */
  get damaged(): ReadonlySet<Digest> {
    return this.#damaged;
  }

  /** The file of a blob for those who read parts of it, which nobody hashes as a whole. What they read they check, see `checkReads`. */
  fileOf(digest: Digest): string {
    this.#readInPlace.add(digest);
    return this.blobs.path(digest);
  }

  /** For somebody who found other bytes than there should be: drops blobs that are damaged of those that were read in place. */
  checkReads(): void {
    for (const digest of this.#readInPlace) if (!isWhole(this.blobs.path(digest), digest)) this.#dropDamaged(digest);
    this.#readInPlace.clear();
  }

  /** It is fetched or made again when it is needed. */
  #dropDamaged(digest: Digest): void {
    this.#damaged.add(digest);
    rmSync(this.blobs.path(digest), { force: true });
  }

  /** The directory for what this process has not finished. Made at the first call, when what others left is removed. */
  scratch(): string {
    return this.#ownScratch().path;
  }

  /** Notes a cgroup that is about to be made, so that the next process removes it if this one is killed. */
  noteCgroup(cgroup: NotedCgroup): void {
    this.#ownScratch().noteCgroup(cgroup);
  }

  /** What processes that were killed have left, and cannot be removed. */
  get leftovers(): readonly Leftover[] {
    return this.#leftovers;
  }

  /** For a build that needed no scratch directory: removes the cgroups of builds that were killed. */
  removeCgroupsOfDead(): void {
    if (!this.#scratch && hasCgroups(this.paths.scratch)) this.#leftovers = removeDeadScratch(this.paths.scratch);
  }

  #ownScratch(): Scratch {
    if (!this.#scratch) {
      noteWriting(this.paths);
      this.#leftovers = removeDeadScratch(this.paths.scratch);
      this.#scratch = makeScratch(this.paths.scratch);
    }
    return this.#scratch;
  }

  /** When the first of all others began that use the store, in this process too; undefined when there is none. */
  oldestOther(): number | undefined {
    return oldestUser(this.paths.users, this.#user?.name);
  }

  /** Removes this process's scratch directory, and what says that it uses the store. */
  close(): void {
    this.#scratch?.remove();
    this.#scratch = undefined;
    this.#user?.release();
    this.#user = undefined;
  }

  /** Adds to the store, or takes from it, while nothing is removed from it. Must be quick: who removes waits. */
  adding<Value>(work: () => Value): Value {
    const lock = lockFile(this.paths.contentLock, { shared: true });
    try {
      return work();
    } finally {
      lock.release();
    }
  }

  /** Removes from the store while nobody adds to it. Must be quick: builds wait. */
  removing<Value>(work: () => Value): Value {
    const lock = lockFile(this.paths.contentLock);
    try {
      return work();
    } finally {
      lock.release();
    }
  }

  /** Makes `name` mean an image. The one that it meant before stays, without a name. */
  async nameImage(name: string, descriptor: Descriptor): Promise<void> {
    const before = this.names.get(name);
    await this.names.set(name, descriptor);
    if (before && before.digest !== descriptor.digest) await this.names.keep(before);
  }

  override async putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    await super.putManifest(manifest, bytes);
    if (tag !== undefined) await this.nameImage(tag, manifest);
  }

  /** Whether a blob is there; if so, prune leaves it to the builds that run now. */
  useBlob(blob: Pick<Descriptor, "digest" | "size">): boolean {
    return this.adding(() => {
      touch(this.blobs.path(blob.digest));
      return this.blobs.hasSync(blob);
    });
  }

  /** A flock dies with its holder: then the next one who waits brings the blob. */
  async bring(blob: Descriptor, work: () => Promise<void>, { signal }: ReadOptions = {}): Promise<void> {
    const cancel = signal ? { signal } : {};
    const lock = await acquireLock(this.paths.blobLock(blob.digest), cancel).catch((error: unknown) => {
      throwIfInterrupted(signal);
      throw error;
    });
    try {
      if (!this.useBlob(blob)) await work();
    } finally {
      lock.remove();
    }
  }

  /** The place for what is kept of a build that begins. */
  newBuild(): BuildDirectory {
    return new BuildDirectory(this.paths.builds);
  }

  /** The file for what is known of a context directory's files. */
  statIndex(directory: string): string {
    return this.paths.statIndex(hexOf(sha256(directory)));
  }

  /** Undefined when the layer was never indexed here, or the index is damaged. */
  layerIndex(diffID: Digest): LayerIndex | undefined {
    const bytes = readIfPresent(this.paths.layerIndex(diffID));
    if (!bytes) return undefined;
    try {
      return decodeIndex(bytes);
    } catch (error) {
      if (error instanceof TsbuildError) return undefined;
      throw error;
    }
  }

  hasLayerIndex(diffID: Digest): boolean {
    return existsSync(this.paths.layerIndex(diffID));
  }

  putLayerIndex(index: LayerIndex): void {
    const path = this.paths.layerIndex(index.diffID);
    if (!existsSync(path)) writeFileAtomic(path, encodeIndex(index));
  }

  /** The unpacked layer, when there is one. */
  unpackedLayer(diffID: Digest): string | undefined {
    const path = this.paths.layer(diffID);
    return this.adding(() => {
      noteUse(this.paths, "layer", hexOf(diffID));
      return existsSync(path) ? path : undefined;
    });
  }

  /** The files of a remote source, when they were fetched before. */
  source(key: string): string | undefined {
    const path = this.paths.source(key);
    return this.adding(() => {
      noteUse(this.paths, "source", key);
      return existsSync(path) ? path : undefined;
    });
  }

  /** Takes over a finished directory as the files of a remote source. @returns where they are */
  adoptSource(staged: string, key: string): string {
    this.adding(() => moveInto(staged, this.paths.source(key)));
    return this.paths.source(key);
  }

  /** Takes over a finished directory as the unpacked form of a layer. */
  adoptUnpacked(staged: string, diffID: Digest): void {
    noteUse(this.paths, "layer", hexOf(diffID));
    moveInto(staged, this.paths.layer(diffID));
  }
}

function isTextByName(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null && isTexts(Object.values(value));
}
