// A cache record: what an operation made from given inputs.

import { type Descriptor, type Digest, isDigest, MediaType } from "../oci/index.js";

/** `k1:` and 64 hex digits: the sha256 of canonical JSON that names the operation and the content that it reads. */
export type CacheKey = `k1:${string}`;

export interface LayerFact {
  readonly diffID: Digest;
  /** Digest of what the layer says, without times that nobody set: see LayerIndex. With `dates`, `withDates` makes it. */
  readonly content: Digest;
  /** Digest of the times that were set on purpose. @default none were */
  readonly dates?: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  /** When the step was done: history entries and images carry it (RFC 3339, UTC). */
  readonly created: string;
  /** When the work began that made the layer, whatever SOURCE_DATE_EPOCH is (RFC 3339, UTC). @default not known */
  readonly began?: string;
  /** The blob, of a layer that came compressed from a shared cache. @default the uncompressed tar, whose digest is the diffID */
  readonly blob?: Descriptor;
}

export interface CacheRecord {
  readonly version: 1;
  /** What went into the key, so that a later miss can say what changed. */
  readonly inputs: unknown;
  readonly layer: LayerFact;
  /** Milliseconds that the operation took. */
  readonly duration: number;
  /** When it was made (RFC 3339, UTC), whatever SOURCE_DATE_EPOCH is. @default `layer.created` */
  readonly made?: string;
  /** What bind mounts of stages and images showed: content digests of layers, by target. For who explains a change. */
  readonly mounted?: Readonly<Record<string, readonly Digest[]>>;
  /** The shared cache that said so. Only builds that read this cache too believe it. Absent: made here. */
  readonly source?: string;
}

/** What a look-up needs of a record. */
export type RecordHead = Omit<CacheRecord, "inputs" | "mounted">;

export function isCacheRecord(value: unknown): value is CacheRecord {
  const record = value as CacheRecord | undefined;
  return record?.version === 1 && isLayerFact(record.layer);
}

export function isLayerFact(value: unknown): value is LayerFact {
  const layer = value as LayerFact | undefined;
  return (
    typeof layer?.size === "number" &&
    typeof layer.created === "string" &&
    isDigest(String(layer.diffID)) &&
    isDigest(String(layer.content)) &&
    (layer.dates === undefined || isDigest(String(layer.dates))) &&
    (layer.blob === undefined || isDescriptor(layer.blob))
  );
}

/** The blob of a layer as the store keeps it. */
export function blobOf({ diffID, size, blob }: Pick<LayerFact, "diffID" | "size" | "blob">): Descriptor {
  return blob ?? { mediaType: MediaType.layer, digest: diffID, size };
}

export function isDescriptor(value: unknown): value is Descriptor {
  const blob = value as Descriptor | undefined;
  return typeof blob?.mediaType === "string" && typeof blob.size === "number" && isDigest(String(blob.digest));
}

/** What was downloaded. The validators are as the server wrote them. */
export interface DownloadFact {
  readonly digest: Digest;
  readonly size: number;
  readonly etag?: string;
  readonly lastModified?: string;
}

export function isDownloadFact(value: unknown): value is DownloadFact {
  const file = value as DownloadFact | undefined;
  const isText = (text: unknown) => text === undefined || typeof text === "string";
  return (
    typeof file?.size === "number" && isDigest(String(file.digest)) && isText(file.etag) && isText(file.lastModified)
  );
}
