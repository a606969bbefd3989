// What a shared cache says: which layer each key leads to. docs/formats.md describes it.

import * as v from "valibot";
import type { LayerFact } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { LayerStep } from "../executor/index.js";
import { type Descriptor, type Digest } from "../oci/index.js";
import { count, digest } from "./schema.js";

/** The media type of the index, as the config of the manifest of a cache. */
export const CACHE_TYPE = "application/vnd.tsbuild.cache.v1+json";
/** What went into the keys, for those who explain. */
export const INPUTS_TYPE = "application/vnd.tsbuild.cache.inputs.v1+json+gzip";

const text = v.pipe(v.string(), v.maxLength(1000));
const descriptor = v.object({ mediaType: text, digest, size: count });

const recordSchema = v.object({
  key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  step: text,
  diffID: digest,
  content: digest,
  dates: v.exactOptional(digest),
  size: count,
  created: v.pipe(v.string(), v.isoTimestamp()),
  began: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
  duration: v.pipe(v.number(), v.minValue(0)),
  layer: v.exactOptional(count),
});

const groupSchema = v.object({
  platform: text,
  target: text,
  dockerfile: text,
  records: v.array(recordSchema),
  inputs: v.exactOptional(descriptor),
});

const indexSchema = v.object({
  version: v.literal(1),
  scope: v.optional(text, ""),
  groups: v.array(groupSchema),
  layers: v.optional(v.array(descriptor), []),
});

/** A record: the step whose key is `key` made this layer. */
export interface SharedRecord {
  /** 64 hex digits: the cache key without its `k1:`. */
  readonly key: string;
  /** `[builder 2/5] RUN npm ci` */
  readonly step: string;
  readonly diffID: Digest;
  /** As in `LayerFact`. */
  readonly content: Digest;
  /** As in `LayerFact`. */
  readonly dates?: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  /** RFC 3339, UTC. */
  readonly created: string;
  /** As in `LayerFact`. */
  readonly began?: string;
  /** Milliseconds. */
  readonly duration: number;
  /** Position in the layers of the index; absent when only the fact is known, not the bytes. */
  readonly layer?: number;
}

/** What `step` leads to. */
export function recordOf({ key, vertex, layer, duration }: LayerStep): SharedRecord {
  return { key, step: vertex.name.slice(0, 200), ...bareFact(layer), duration };
}

/** The layer that a record leads to. */
export function factOf(record: Omit<SharedRecord, "layer">): LayerFact {
  return bareFact(record);
}

/** What is known of a layer, wherever its blob is. */
function bareFact({ diffID, content, dates, size, created, began }: Omit<LayerFact, "blob">): LayerFact {
  return { diffID, content, ...(dates && { dates }), size, created, ...(began !== undefined && { began }) };
}

/** What one kind of build left: each build writes its own group anew and keeps those of the others. */
export interface CacheGroup {
  readonly platform: string;
  readonly target: string;
  readonly dockerfile: string;
  /** By key. */
  readonly records: readonly SharedRecord[];
  readonly inputs?: Descriptor;
}

export interface CacheIndex {
  readonly version: 1;
  readonly scope: string;
  /** The one written last comes last. */
  readonly groups: readonly CacheGroup[];
  readonly layers: readonly Descriptor[];
}

/**
 * Reads an index that came from somewhere else.
 * @param layers what the records' positions mean, where that is said beside the index
 * @throws bad_manifest
 */
export function parseIndex(bytes: Uint8Array, layers?: readonly Descriptor[]): CacheIndex {
  const result = v.safeParse(indexSchema, parseJson(bytes));
  if (!result.success) {
    const [issue] = result.issues;
    throw bad(`${v.getDotPath(issue) ?? "the top"}: ${issue.message.replace(/^Invalid/, "invalid")}`);
  }
  const index = { ...result.output, layers: layers ?? result.output.layers };
  for (const record of index.groups.flatMap(({ records }) => records))
    if (record.layer !== undefined && record.layer >= index.layers.length)
      throw bad(`a record names layer ${record.layer} of ${index.layers.length}`);
  return index;
}

/** An index of another scope came to this place by mistake, or worse. @throws bad_manifest */
export function expectScope(index: CacheIndex, scope: string): CacheIndex {
  if (index.scope === scope) return index;
  throw new TsbuildError("bad_manifest", `expected a cache of scope "${scope}", found one of scope "${index.scope}"`, {
    hint: "Give the scope= that the cache was written with.",
  });
}

/** @param withLayers false where the layers are said beside the index */
export function encodeIndex({ layers, ...index }: CacheIndex, withLayers: boolean): Buffer {
  return Buffer.from(JSON.stringify(withLayers ? { ...index, layers } : index));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw bad("not JSON", cause);
  }
}

function bad(what: string, cause?: unknown): TsbuildError {
  return new TsbuildError("bad_manifest", `expected the index of a cache, found something else: ${what}`, { cause });
}
