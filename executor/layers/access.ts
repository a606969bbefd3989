// The layers of a build, each brought only as near as somebody needs: named, indexed, or unpacked.

import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Store, stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import {
  type Entry,
  type FileRegion,
  FileTree,
  hostPath,
  impliedDirectories,
  indexLayer,
  type LayerIndex,
  removeTree,
  unpackLayer,
  withDates,
} from "../../filesystem/index.js";
import { type BlobStore, decompress, type Digest, Digester, sha256 } from "../../oci/index.js";
import type { ImageOrigin } from "../../planner/index.js";
import { likeEntry } from "../like-entry.js";
import type { Layer, Snapshot } from "./layer.js";
import { readBeside } from "./read-beside.js";
import { type LayerForm, unpackedName, unpackOptions } from "./unpacked.js";

export interface LayerAccessOptions {
  /** Opens the place where blobs of base images are. */
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  /** Whether commands run on the layers, so that they are unpacked sooner or later. @default false */
  readonly willRun?: boolean;
  readonly onTransfer?: ((blob: Digest, current: number, total: number) => void) | undefined;
  /** Told of a layer that is not what was said of it, before that is thrown. */
  readonly onMismatch?: (layer: Layer) => void;
  readonly signal?: AbortSignal;
}

export class LayerAccess {
  readonly #store: Store;
  readonly #options: LayerAccessOptions;
  readonly #made = new Map<Digest, LayerIndex>();
  readonly #indexes = new Map<Digest, Promise<LayerIndex>>();
  readonly #directories = new Map<string, Promise<string>>();
  readonly #fetches = new Map<Digest, Promise<void>>();
  readonly #trees = new Map<string, Promise<FileTree>>();
  /** What `contentOf` looks in: layers by diffID, and where those are unpacked that have no uncompressed tar. */
  readonly #layers = new Map<Digest, Layer>();
  readonly #unpacked = new Map<Digest, string>();

  constructor(store: Store, options: LayerAccessOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** All that a snapshot's layers say, merged. */
  tree(snapshot: Snapshot): Promise<FileTree> {
    return this.#treeOf(snapshot.layers.length, snapshot);
  }

  /**
   * The layers unpacked, as lower directories of an overlay, topmost first. Each is unpacked when this is the first time.
   * Empty layers are left out. No directory comes twice, because overlayfs refuses that (S-177).
   */
  async lowerDirectories(snapshot: Snapshot, form: LayerForm = "linked"): Promise<string[]> {
    const indexes = await Promise.all(
      snapshot.layers.map((layer, position) => this.#index(layer, belowOf(snapshot, position))),
    );
    const seen = new Set<Digest>();
    const directories = snapshot.layers.map(async (layer, position) => {
      if (indexes[position]!.changes.length === 0) return [];
      const below = belowOf(snapshot, position);
      const isRepeated = seen.size === seen.add(layer.diffID).size;
      return [await (isRepeated ? this.#ownDirectory(layer, below, form) : this.#directory(layer, below, form))];
    });
    return (await Promise.all(directories)).flat().reverse();
  }

  /** A layer that leaves out directories above its files looks different on different layers below: see `#unpack`. */
  #directory(layer: Layer, below: Snapshot, form: LayerForm = "linked"): Promise<string> {
    const name = unpackedName(layer.diffID, form);
    return once(
      this.#directories,
      name,
      async () => this.#store.unpackedLayer(name) ?? this.#ownDirectory(layer, below, form),
    );
  }

  /** The layer unpacked for its place in this chain only. */
  #ownDirectory(layer: Layer, below: Snapshot, form: LayerForm): Promise<string> {
    const name = unpackedName(chainName(layer, below), form);
    return once(
      this.#directories,
      name,
      async () => this.#store.unpackedLayer(name) ?? this.#unpack(layer, below, form),
    );
  }

  /** Where the content of a file is: in the uncompressed tar, else in the unpacked layer. */
  contentOf(diffID: Digest, entry: Entry): FileRegion {
    const layer = this.#layers.get(diffID);
    if (
      layer &&
      layer.blob.digest === layer.diffID &&
      entry.offset !== undefined &&
      this.#store.blobs.hasSync(layer.blob)
    ) {
      return { path: this.#store.fileOf(layer.blob.digest), offset: entry.offset };
    }
    const unpacked = this.#unpacked.get(diffID);
    if (!unpacked) throw new Error(`the content of layer ${diffID} was not asked for`);
    return { path: hostPath(join(unpacked, entry.path)), offset: 0 };
  }

  /** Makes `contentOf` answer for the files of some layers of a snapshot. */
  async prepareContent(snapshot: Snapshot, needed: ReadonlySet<Digest>): Promise<void> {
    const prepare = async (layer: Layer, position: number) => {
      this.#layers.set(layer.diffID, layer);
      if (await this.#isReadableAsTar(layer)) return this.fetch(layer);
      this.#unpacked.set(layer.diffID, await this.#directory(layer, belowOf(snapshot, position)));
    };
    await Promise.all(snapshot.layers.map((layer, position) => needed.has(layer.diffID) && prepare(layer, position)));
  }

  /** Sparse files are whole only when they are unpacked. */
  async #isReadableAsTar(layer: Layer): Promise<boolean> {
    if (layer.blob.digest !== layer.diffID) return false;
    const { changes } = await this.#knownIndex(layer);
    return changes.every((change) => change.type !== "file" || change.size === 0 || change.offset !== undefined);
  }

  /** Brings the blob into the store. @param watch is given the bytes that come, if they come to us, before they are read */
  fetch(layer: Layer, watch?: (content: Readable) => void): Promise<void> {
    return once(this.#fetches, layer.blob.digest, async () => {
      if (this.#store.useBlob(layer.blob)) return;
      if (!layer.origin || layer.origin.kind === "store")
        throw new TsbuildError("blob_not_found", `the store has no blob ${layer.blob.digest}`, {
          hint: "Pull or build the image again that has it.",
        });
      await this.#store.bring(layer.blob, () => this.#bring(layer, layer.origin!, watch), signalOf(this.#options));
    });
  }

  async #bring(layer: Layer, origin: ImageOrigin, watch: ((content: Readable) => void) | undefined): Promise<void> {
    const place = await this.#options.openOrigin(origin);
    const content = await place.open(layer.blob, signalOf(this.#options));
    watch?.(content);
    this.#report(layer, content);
    await this.#store.blobs.put(layer.blob, content, signalOf(this.#options));
  }

  #treeOf(count: number, snapshot: Snapshot): Promise<FileTree> {
    if (count === 0) return Promise.resolve(FileTree.empty);
    const key = snapshot.layers
      .slice(0, count)
      .map(({ diffID }) => diffID)
      .join(" ");
    return once(this.#trees, key, async () => {
      const layer = snapshot.layers[count - 1]!;
      const [below, index] = await Promise.all([
        this.#treeOf(count - 1, snapshot),
        this.#index(layer, belowOf(snapshot, count - 1)),
      ]);
      return below.apply(index.changes, layer.diffID);
    });
  }

  /** When a step will stand on the layer, it is unpacked at once: that indexes it in the same pass. */
  async #index(layer: Layer, below: Snapshot): Promise<LayerIndex> {
    const isNew = !this.#indexes.has(layer.diffID) && !this.#store.hasLayerIndex(layer.diffID);
    if (isNew && this.#options.willRun) await this.#directory(layer, below);
    return this.#knownIndex(layer);
  }

  #knownIndex(layer: Layer): Promise<LayerIndex> {
    return once(this.#indexes, layer.diffID, async () => {
      const known = this.#store.layerIndex(layer.diffID);
      if (known) return this.#checked(layer, known);
      const index = await this.#read(layer, indexLayer);
      this.#keepIndex(layer, index);
      return index;
    });
  }

  /** The index of a layer that was made or read in this build, or that the store has. */
  madeIndex(diffID: Digest): LayerIndex | undefined {
    return this.#made.get(diffID) ?? this.#store.layerIndex(diffID);
  }

  /** For a layer that was just made here. */
  know(index: LayerIndex): void {
    this.#made.set(index.diffID, index);
    this.#indexes.set(index.diffID, Promise.resolve(index));
  }

  /**
   * Directories that the layer needs but does not describe are given the look that they have below it. Such a directory
   * is only right on these layers, so it is kept under the name of the whole chain.
   */
  async #unpack(layer: Layer, below: Snapshot, form: LayerForm): Promise<string> {
    const staged = stagedName(join(this.#store.scratch(), "layer"));
    const options = { ...signalOf(this.#options), ...unpackOptions(form) };
    const index = await this.#read(layer, (tar) => unpackLayer(tar, staged, options));
    this.#keepIndex(layer, index);
    const implied = impliedDirectories(index.changes);
    if (implied.includes("")) await this.#unpackOpaque(layer, staged, below, form);
    const own = unpackedName(layer.diffID, form);
    const isOfChain = implied.length > 0 || this.#store.unpackedLayer(own) !== undefined;
    const name = isOfChain ? unpackedName(chainName(layer, below), form) : own;
    if (implied.length > 0) dressDirectories(staged, implied, await this.tree(below));
    this.#store.adoptUnpacked(staged, name);
    return this.#store.paths.layer(name);
  }

  /** A layer that hides all that is below it has to name what it hides. */
  async #unpackOpaque(layer: Layer, staged: string, below: Snapshot, form: LayerForm): Promise<void> {
    removeTree(staged);
    await unpackLayer(await this.#openTar(layer), staged, {
      ...signalOf(this.#options),
      ...unpackOptions(form),
      parent: await this.tree(below),
    });
  }

  /** Bytes that are those promised may still be no layer. */
  async #read<Value>(layer: Layer, read: (tar: AsyncIterable<Uint8Array>) => Promise<Value>): Promise<Value> {
    try {
      return await read(await this.#openTar(layer));
    } catch (error) {
      if (error instanceof TsbuildError && error.code === "bad_archive") this.#options.onMismatch?.(layer);
      throw error;
    }
  }

  /** A blob that the store lacks is read while it comes. */
  async #openTar(layer: Layer): Promise<AsyncIterable<Uint8Array>> {
    const { blob } = layer;
    if (!this.#fetches.has(blob.digest) && !this.#store.blobs.hasSync(blob)) return this.#openComing(layer);
    await this.fetch(layer);
    return this.#openStored(layer);
  }

  #openComing(layer: Layer): Promise<AsyncIterable<Uint8Array>> {
    return new Promise((resolve, reject) => {
      let isComing = false;
      const stored: Promise<void> = this.fetch(layer, (content) => {
        isComing = true;
        resolve(readBeside(content, layer.blob, () => stored));
      });
      stored.then(() => isComing || resolve(this.#openStored(layer)), reject);
    });
  }

  async #openStored({ blob }: Layer): Promise<AsyncIterable<Uint8Array>> {
    return decompress(await this.#store.blobs.open(blob), blob);
  }

  #keepIndex(layer: Layer, index: LayerIndex): void {
    this.#checked(layer, index);
    this.#store.putLayerIndex(index);
    this.#indexes.set(layer.diffID, Promise.resolve(index));
  }

  /** A blob may be the right one and yet not unpack to the diffID, or say the content, that an image or a cache promises. */
  #checked(layer: Layer, index: LayerIndex): LayerIndex {
    const { diffID, content, dates, blob } = layer;
    const says = withDates(index.content, dates);
    if (index.diffID === diffID && (content === diffID || content === says)) return index;
    this.#options.onMismatch?.(layer);
    const [expected, found] =
      index.diffID === diffID ? [`content ${content}`, `content ${says}`] : [`diffID ${diffID}`, index.diffID];
    throw new TsbuildError("digest_mismatch", `layer ${blob.digest}: expected ${expected}, unpacked ${found}`);
  }

  #report({ blob }: Layer, content: Readable): void {
    const { onTransfer } = this.#options;
    if (!onTransfer) return;
    const report = (current: number) => onTransfer(blob.digest, current, blob.size);
    if (content instanceof Digester) return content.onSize(report);
    let current = 0;
    content.on("data", (chunk: Uint8Array) => report((current += chunk.length)));
  }
}

function signalOf({ signal }: LayerAccessOptions): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}

function belowOf({ layers }: Snapshot, position: number): Snapshot {
  return { layers: layers.slice(0, position) };
}

/** Names a layer together with all that is below it. */
function chainName(layer: Layer, below: Snapshot): Digest {
  return sha256(`chain ${[...below.layers, layer].map(({ diffID }) => diffID).join(" ")}`);
}

/** From the deepest up, because a change below alters the time of a directory. */
function dressDirectories(root: string, paths: readonly string[], tree: FileTree): void {
  for (const path of [...paths].reverse()) {
    const entry = tree.get(path);
    if (entry?.type === "directory") likeEntry(join(root, path), entry);
  }
}

/** Runs `make` once for each key, also when asked again while it runs. A failure is not kept. */
function once<Key, Value>(known: Map<Key, Promise<Value>>, key: Key, make: () => Promise<Value>): Promise<Value> {
  const existing = known.get(key);
  if (existing) return existing;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
