// What steps made: a layer with all records that name it, its index, and its compressed twins.

import { existsSync } from "node:fs";
import {
  blobOf,
  type CacheRecord,
  isCacheRecord,
  isDescriptor,
  isLayerFact,
  type LayerFact,
  type StoredFact,
  storedFacts,
} from "../cache/index.js";
import { hexOf } from "../oci/index.js";
import { describeInputs, rootsOf } from "./inputs.js";
import type { Unit } from "./unit.js";
import type { StoreView } from "./view.js";

interface Gathered {
  readonly layer: LayerFact;
  readonly records: CacheRecord[];
  readonly facts: StoredFact[];
  /** Hex digests of its forms: facts from here and from shared caches may name other ones. */
  readonly blobs: Set<string>;
}

export function layerUnits(view: StoreView): Unit[] {
  const gathered = new Map<string, Gathered>();
  const { paths } = view.store;
  for (const fact of storedFacts(paths, "k1")) {
    if (isCacheRecord(fact.value)) gatheredOf(gathered, fact.value.layer, fact).records.push(fact.value);
  }
  for (const fact of storedFacts(paths, "content1")) {
    if (isLayerFact(fact.value)) gatheredOf(gathered, fact.value, fact);
  }
  for (const fact of storedFacts(paths, "compressed1")) {
    const layer = gathered.get(fact.key.slice(0, 64));
    if (!layer || !isDescriptor(fact.value)) continue;
    layer.facts.push(fact);
    layer.blobs.add(hexOf(fact.value.digest));
  }
  return [...gathered.values()].map((one) => layerUnit(view, one));
}

function gatheredOf(all: Map<string, Gathered>, layer: LayerFact, fact: StoredFact): Gathered {
  const name = hexOf(layer.diffID);
  const known = all.get(name) ?? { layer, records: [], facts: [], blobs: new Set() };
  known.facts.push(fact);
  known.blobs.add(hexOf(blobOf(layer).digest));
  all.set(name, known);
  return known;
}

function layerUnit(view: StoreView, { layer, records, facts, blobs: forms }: Gathered): Unit {
  const hex = hexOf(layer.diffID);
  const blob = hexOf(blobOf(layer).digest);
  const blobs = [...forms];
  const used = facts.map(({ lastUsed }) => lastUsed);
  const times = view.timesOfBlobs(blobs) ?? { created: Math.min(...used), lastUsed: 0 };
  const index = view.store.paths.layerIndex(layer.diffID);
  const slowest = records.toSorted((a, b) => b.duration - a.duration)[0];
  const description = slowest ? describeInputs(slowest.inputs) : "files of a mount";
  return {
    ...view.unit("layer", hex, description, { ...times, lastUsed: Math.max(times.lastUsed, ...used) }),
    size: view.sizeOfBlobs(blobs) + facts.reduce((sum, { size }) => sum + size, 0),
    shared: view.isInImage(blob),
    cost: slowest?.duration ?? 0,
    content: layer.content,
    standsOn: records.flatMap(({ inputs }) => rootsOf(inputs)),
    parts: { facts, blobs, paths: existsSync(index) ? [index] : [] },
  };
}
