// From a plan and the layers that were made to an image: config and manifest, as BuildKit writes them (S-154 to S-158).

import type { Store } from "../cache/index.js";
import type { Layer, Results } from "../executor/index.js";
import type { LayerIndex } from "../filesystem/index.js";
import {
  type Descriptor,
  type Dialect,
  type History,
  type ImageConfig,
  type Manifest,
  MediaType,
  sha256,
} from "../oci/index.js";
import type { BuildGraph, PlannedHistory } from "../planner/index.js";

/** An image whose layers are not yet in the form that an output wants. */
export interface AssembledImage {
  readonly config: ImageConfig;
  readonly configBytes: Uint8Array;
  readonly configDescriptor: Descriptor;
  /** Bottom first. */
  readonly layers: readonly Layer[];
  /** How many of the layers came with the base image. @default all */
  readonly base?: number;
  /** When the step of each layer began, where this is known: RFC 3339. @default not known */
  readonly made?: readonly (string | undefined)[];
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
  const own = graph.image.history.flatMap(({ vertex }) => (vertex === undefined ? [] : [beganOf(results, vertex)]));
  const inherited = base.rootfs.diff_ids;
  return {
    ...describeConfig(config),
    layers,
    base: inherited.length,
    made: [...inherited.map(() => undefined), ...own],
  };
}

export function describeConfig(
  config: ImageConfig,
): Pick<AssembledImage, "config" | "configBytes" | "configDescriptor"> {
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

function beganOf(results: Results, vertex: number): string | undefined {
  const result = results[vertex];
  return result?.kind === "snapshot" ? (result.began ?? result.created) : undefined;
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

/**
 * The layers that this build added to its base, or found in its store, each looked up when it is asked for. What came compressed
 * from a shared cache was looked into where it was made.
 */
export function* newLayers(image: AssembledImage, graph: BuildGraph, store: Store): Iterable<NewLayer> {
  const base = new Set(graph.image.config.rootfs.diff_ids);
  for (const { diffID, blob } of image.layers) {
    if (base.has(diffID) || blob.digest !== diffID || !store.blobs.hasSync(blob)) continue;
    yield { tar: store.blobs.path(blob.digest), index: () => store.layerIndex(diffID) };
  }
}

export interface ManifestBytes {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export interface ManifestForm {
  readonly dialect: Dialect;
  /** @default none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** On the descriptor of the manifest. @default none */
  readonly ownAnnotations?: Readonly<Record<string, string>>;
}

/** The manifest for layers in the form that they have in `blobs`. */
export function manifestOf(
  { configDescriptor }: AssembledImage,
  blobs: readonly Descriptor[],
  { dialect, annotations, ownAnnotations }: ManifestForm,
): ManifestBytes {
  const isOci = dialect === "oci";
  const mediaType = isOci ? MediaType.manifest : MediaType.dockerManifest;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType,
    config: { ...configDescriptor, mediaType: isOci ? MediaType.config : MediaType.dockerConfig },
    layers: blobs.map((blob) => ({
      mediaType: blob.mediaType,
      digest: blob.digest,
      size: blob.size,
      ...(isOci && blob.annotations && { annotations: blob.annotations }),
    })),
    ...(annotations && { annotations }),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return {
    bytes,
    descriptor: { ...describe(mediaType, bytes), ...(ownAnnotations && { annotations: ownAnnotations }) },
  };
}

export function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}
