// What is kept of cache mounts: each is a tar, cut into chunks, which lie in packs. docs/formats.md describes it.

import * as v from "valibot";
import { type CacheMountIdentity, cacheMountKey } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { type Descriptor, type Digest } from "../../oci/index.js";
import { count, digest } from "../schema.js";

/** The media type of the index, as the config of a manifest whose layers are the packs. */
export const MOUNTS_TYPE = "application/vnd.tsbuild.cache-mounts.v1+json";
export const PACK_TYPE = "application/vnd.tsbuild.cache-mounts.pack.v1";

const range = v.tuple([count, count]);

const indexSchema = v.object({
  version: v.literal(1),
  scope: v.optional(v.string(), ""),
  packs: v.array(v.object({ digest, size: count, chunks: v.array(v.object({ digest, length: count, size: count })) })),
  mounts: v.array(
    v.object({
      key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      id: v.pipe(v.string(), v.maxLength(1000)),
      mode: count,
      uid: count,
      gid: count,
      tar: digest,
      size: count,
      saved: v.pipe(v.string(), v.isoTimestamp()),
      chunks: v.array(range),
    }),
  ),
});

/** Compressed chunks, one after the other. */
export interface Pack {
  readonly digest: Digest;
  readonly size: number;
  /** `length` bytes of the pack inflate to `size`; equal ones are not compressed. `digest` is that of the inflated bytes. */
  readonly chunks: readonly PackedChunk[];
}

export interface PackedChunk {
  readonly digest: Digest;
  readonly length: number;
  readonly size: number;
}

export interface SavedMount extends CacheMountIdentity {
  /** What names the mount in the store: the sha256 of its id, owner and mode. */
  readonly key: string;
  /** Of the whole tar. */
  readonly tar: Digest;
  readonly size: number;
  /** RFC 3339, UTC. */
  readonly saved: string;
  /** Ranges of chunks, numbered through all packs: first and count. */
  readonly chunks: readonly (readonly [first: number, count: number])[];
}

export interface MountsIndex {
  readonly version: 1;
  readonly scope: string;
  readonly packs: readonly Pack[];
  readonly mounts: readonly SavedMount[];
}

/** @throws bad_manifest */
export function parseMounts(bytes: Uint8Array, scope: string): MountsIndex {
  const result = v.safeParse(indexSchema, parseJson(bytes));
  if (!result.success) {
    const [issue] = result.issues;
    throw bad(`${v.getDotPath(issue) ?? "the top"}: ${issue.message.replace(/^Invalid/, "invalid")}`);
  }
  const index = result.output;
  if (index.scope !== scope) throw bad(`one of scope "${index.scope}" in place of "${scope}"`);
  const wrong = index.mounts.find((mount) => cacheMountKey(mount) !== mount.key);
  if (wrong) throw bad(`the key of the mount "${wrong.id}" is not its own`);
  const total = index.packs.reduce((sum, { chunks }) => sum + chunks.length, 0);
  for (const [first, length] of index.mounts.flatMap(({ chunks }) => chunks))
    if (first + length > total) throw bad(`a mount names chunk ${first + length} of ${total}`);
  return index;
}

export function packBlob({ digest: name, size }: Pack): Descriptor {
  return { mediaType: PACK_TYPE, digest: name, size };
}

/** Numbers as ranges. */
export function rangesOf(numbers: readonly number[]): (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[0] + last[1] === number) last[1]++;
    else ranges.push([number, 1]);
  }
  return ranges;
}

export function numbersOf(ranges: SavedMount["chunks"]): number[] {
  return ranges.flatMap(([first, length]) => Array.from({ length }, (_, i) => first + i));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw bad("not JSON", cause);
  }
}

function bad(what: string, cause?: unknown): TsbuildError {
  return new TsbuildError("bad_manifest", `expected an index of cache mounts, found something else: ${what}`, {
    cause,
  });
}
