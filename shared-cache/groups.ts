// Groups of an index: what a build leaves of those before it, and whether it leaves anything new.

import type { Descriptor, Digest } from "../oci/index.js";
import type { CacheGroup, CacheIndex, SharedRecord } from "./format.js";

/** Groups beyond that are dropped, those first that were written longest ago. */
const MOST_GROUPS = 32;

/** A record with its blob in place of a position. */
export type RecordWithBlob = Omit<SharedRecord, "layer"> & { readonly blob?: Descriptor };

export interface NewGroup extends Omit<CacheGroup, "records"> {
  readonly records: readonly RecordWithBlob[];
}

export function recordsOf(group: CacheGroup, layers: readonly Descriptor[]): RecordWithBlob[] {
  return group.records.map(({ layer, ...record }) =>
    layer === undefined ? record : { ...record, blob: layers[layer]! },
  );
}

/** The index with `group` in the place of the one like it. @returns undefined when it says so already */
export function withGroup(index: CacheIndex | undefined, group: NewGroup, scope: string): CacheIndex | undefined {
  const groups: NewGroup[] = (index?.groups ?? []).map((old) => ({ ...old, records: recordsOf(old, index!.layers) }));
  const same = groups.find((old) => isSameKind(old, group));
  if (same && saysTheSame(same, group)) return undefined;
  const kept = groups.filter((old) => old !== same);
  return indexOf([...kept, group].slice(-MOST_GROUPS), scope);
}

export function isSameKind(a: Omit<CacheGroup, "records">, b: Omit<CacheGroup, "records">): boolean {
  return a.platform === b.platform && a.target === b.target && a.dockerfile === b.dockerfile;
}

function indexOf(groups: readonly NewGroup[], scope: string): CacheIndex {
  const layers: Descriptor[] = [];
  const positions = new Map<Digest, number>();
  const positionOf = (blob: Descriptor): number => {
    const known = positions.get(blob.digest);
    if (known !== undefined) return known;
    positions.set(blob.digest, layers.length);
    return layers.push(plain(blob)) - 1;
  };
  const encode = ({ blob, ...record }: RecordWithBlob): SharedRecord =>
    blob === undefined ? record : { ...record, layer: positionOf(blob) };
  return {
    version: 1,
    scope,
    groups: groups.map((group) => ({ ...group, records: group.records.map(encode) })),
    layers,
  };
}

function saysTheSame(a: NewGroup, b: NewGroup): boolean {
  return JSON.stringify(a.records.map(essence)) === JSON.stringify(b.records.map(essence));
}

function essence({ key, step, diffID, content, blob }: RecordWithBlob): unknown {
  return [key, step, diffID, content, blob?.digest ?? ""];
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
