// From a plan and the layers that were made to an image: config and manifest, as BuildKit writes them (S-154 to S-158).

import { Readable } from "node:stream";
import type { Store } from "../cache/index.js";
import type { Layer, Results } from "../executor/index.js";
import type { LayerIndex } from "../filesystem/index.js";
import { type Descriptor, type History, type ImageConfig, type Manifest, MediaType, sha256 } from "../oci/index.js";
import type { BuildGraph, PlannedHistory } from "../planner/index.js";

/** An image whose layers are not yet in the form that an output wants. */
export interface AssembledImage {
  readonly config: ImageConfig;
  readonly configBytes: Uint8Array;
  readonly configDescriptor: Descriptor;
  /** Bottom first. */
  readonly layers: readonly Layer[];
}

/** @param epoch the time that new history and the image carry, whenever their layers were made (S-172): RFC 3339 */
export function assemble(graph: BuildGraph, results: Results, epoch?: string): AssembledImage {
  const target = results[graph.target]!;
  if (target.kind !== "snapshot") throw new Error("the target of a build is not a filesystem");
  const { layers } = target.snapshot;
  const base = graph.image.config;
  const dated = datedHistory(graph.image.history, results, base.created);
  const history = [
    ...base.history,
    ...(epoch === undefined ? dated : dated.map((entry) => ({ ...entry, created: epoch }))),
  ];
  const created = epoch ?? history.at(-1)?.created ?? base.created ?? EPOCH;
  const config = {
    ...base,
    created,
    rootfs: { type: "layers" as const, diff_ids: layers.map(({ diffID }) => diffID) },
    history,
  };
  return { ...describeConfig(config), layers };
}

export function describeConfig(config: ImageConfig): Omit<AssembledImage, "layers"> {
  const configBytes = Buffer.from(JSON.stringify(config));
  return { config, configBytes, configDescriptor: describe(MediaType.config, configBytes) };
}

/** The time of an image that has no layer and no base. */
const EPOCH = "1970-01-01T00:00:00Z";

/** Entries without a layer have the time of the one before them, so that a cached build gives the same image. */
function datedHistory(planned: readonly PlannedHistory[], results: Results, base?: string): History[] {
  const times = planned.map(({ vertex }) => createdOf(results, vertex));
  let current = times.find((time) => time !== undefined) ?? base ?? EPOCH;
  return planned.map(({ vertex, ...entry }, position) => {
    current = times[position] ?? current;
    return { created: current, ...entry, ...(vertex === undefined && { empty_layer: true }) };
  });
}

function createdOf(results: Results, vertex: number | undefined): string | undefined {
  const result = vertex === undefined ? undefined : results[vertex];
  return result?.kind === "snapshot" ? result.created : undefined;
}

export interface NewLayer {
  /** The path of the uncompressed tar. */
  readonly tar: string;
  readonly index: () => LayerIndex | undefined;
}

/** The layers that this build added to its base, or found in the cache. */
export function newLayers(image: AssembledImage, graph: BuildGraph, store: Store): NewLayer[] {
  const base = new Set(graph.image.config.rootfs.diff_ids);
  const own = image.layers.filter(({ diffID, blob }) => !base.has(diffID) && store.blobs.hasSync(blob));
  return own.map(({ diffID, blob }) => ({ tar: store.blobs.path(blob.digest), index: () => store.layerIndex(diffID) }));
}

export interface ManifestBytes {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** The manifest for layers in the form that they have in `blobs`. */
export function manifestOf(image: AssembledImage, blobs: readonly Descriptor[]): ManifestBytes {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config: image.configDescriptor,
    layers: blobs.map(({ mediaType, digest, size }) => ({ mediaType: ociLayerType(mediaType), digest, size })),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { descriptor: describe(MediaType.manifest, bytes), bytes };
}

/** A base image may come with Docker's names for the same bytes; one manifest has names of one kind (S-175). */
function ociLayerType(mediaType: string): string {
  if (mediaType === MediaType.dockerLayerGzip) return MediaType.layerGzip;
  return mediaType === MediaType.dockerLayer ? MediaType.layer : mediaType;
}

export async function keepConfig(store: Store, image: AssembledImage): Promise<void> {
  if (!store.blobs.hasSync(image.configDescriptor))
    await store.put(image.configDescriptor, Readable.from([image.configBytes]));
}

export function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}
