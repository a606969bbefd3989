// What was fetched for ADD and for contexts that are elsewhere.

import { join } from "node:path";
import { isDownloadFact, type StoredFact, storedFacts } from "../cache/index.js";
import { hexOf } from "../oci/index.js";
import { namesIn } from "./blocks.js";
import type { Unit } from "./unit.js";
import { FETCHED_EACH_MS, type StoreView } from "./view.js";

/** Files of commits and of archives. */
export function sourceUnits(view: StoreView): Unit[] {
  const { paths } = view.store;
  return namesIn(paths.sources).map((name) => {
    const path = join(paths.sources, name);
    const size = view.sizeOfFixed(path, "source", name);
    return {
      ...view.unit("source", name, "files of a repository or an archive", view.timesOf(path, "source", name)),
      size,
      cost: 500 + size / FETCHED_EACH_MS,
      parts: { facts: [], blobs: [], paths: [path], use: paths.use("source", name) },
    };
  });
}

/** A file goes with all the URLs that it was downloaded from. */
export function downloadUnits(view: StoreView): Unit[] {
  const files = new Map<string, StoredFact[]>();
  for (const fact of storedFacts(view.store.paths, "http1")) {
    if (!isDownloadFact(fact.value)) continue;
    const hex = hexOf(fact.value.digest);
    files.set(hex, [...(files.get(hex) ?? []), fact]);
  }
  return [...files].map(([hex, facts]) => downloadUnit(view, hex, facts));
}

function downloadUnit(view: StoreView, hex: string, facts: readonly StoredFact[]): Unit {
  const used = Math.max(...facts.map(({ lastUsed }) => lastUsed));
  const times = view.timesOfBlobs([hex]) ?? { created: used, lastUsed: used };
  const size = view.sizeOfBlobs([hex]);
  return {
    ...view.unit("download", hex, "file that was downloaded", { ...times, lastUsed: Math.max(times.lastUsed, used) }),
    size,
    cost: 500 + size / FETCHED_EACH_MS,
    shared: view.isInImage(hex),
    parts: { facts, blobs: [hex], paths: [] },
  };
}
