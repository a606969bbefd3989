// What the layers of an image say: read from the indexes of the store, and from the blobs when a layer has none yet.

import { finished } from "node:stream/promises";
import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { FileTree, indexLayer, type LayerIndex } from "../filesystem/index.js";
import { decompress, type Descriptor, type Digest, type History, type Image } from "../oci/index.js";
import { isDamage } from "./root.js";

export interface Cancelable {
  readonly signal?: AbortSignal;
}

export interface ImageLayer {
  /** The blob as the store has it. */
  readonly blob: Descriptor;
  readonly index: LayerIndex;
  /** The instruction that made it, when the image says so. */
  readonly history?: History;
}

export interface ImageFiles {
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
  /** All layers merged. */
  readonly tree: FileTree;
}

/** @throws blob_not_found, digest_mismatch, bad_archive; each names the blob */
export async function readFiles(store: Store, image: Image, options: Cancelable = {}): Promise<ImageFiles> {
  const made = image.config.history.filter(({ empty_layer: isEmpty }) => !isEmpty);
  const blobs = image.manifest.layers;
  const layers: ImageLayer[] = [];
  let tree = FileTree.empty;
  for (const [position, blob] of blobs.entries()) {
    const diffID = image.config.rootfs.diff_ids[position]!;
    const index = store.layerIndex(diffID) ?? (await readIndex(store, blob, diffID, options));
    const history = made.length === blobs.length ? made[position] : undefined;
    tree = tree.apply(index.changes, index.diffID);
    layers.push({ blob, index, ...(history && { history }) });
  }
  return { layers, tree };
}

async function readIndex(store: Store, blob: Descriptor, diffID: Digest, options: Cancelable): Promise<LayerIndex> {
  const index = await indexBlob(store, blob, options);
  if (index.diffID !== diffID)
    throw new TsbuildError(
      "digest_mismatch",
      `layer ${blob.digest}: expected diffID ${diffID}, unpacked ${index.diffID}`,
    );
  store.putLayerIndex(index);
  return index;
}

/** What cannot be unpacked may be damaged, and then that is what is wrong with it. @throws digest_mismatch, bad_archive */
async function indexBlob(store: Store, blob: Descriptor, options: Cancelable): Promise<LayerIndex> {
  try {
    return await indexLayer(decompress(await store.open(blob), blob), options);
  } catch (error) {
    if (error instanceof TsbuildError && error.code === "bad_archive") await verify(store, blob);
    throw error;
  }
}

async function verify(store: Store, blob: Descriptor): Promise<void> {
  const content = await store.open(blob);
  content.resume();
  await finished(content);
}

/** Runs `work` on an image; when a blob is missing or damaged, the error says of which image, and what helps. */
export async function withIntactBlobs<Value>(word: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!isDamage(error) || error.hint !== undefined) throw error;
    throw new TsbuildError(error.code, `image "${word}" is not whole in the store: ${error.message}`, {
      cause: error,
      hint: "Build or pull it again: what is missing or damaged is then made anew.",
    });
  }
}
