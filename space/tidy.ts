// Small files that killed processes and pruned things leave behind.

import { rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDescriptor, removeFact, type Store, storedFacts, tryLock } from "../cache/index.js";
import { namesIn } from "./blocks.js";

/** Milliseconds that the steps of a Dockerfile are remembered after its last build. */
const REMEMBERED = 90 * 86_400_000;

/** Removes locks that nobody holds, dates of what is not there, and memories of steps that are long gone. */
export function tidy(store: Store): void {
  const { paths } = store;
  for (const name of namesIn(dirname(paths.stepLock("key")))) tryLock(paths.stepLock(name))?.remove();
  for (const name of namesIn(dirname(paths.use("layer", "name")))) if (isOfNothing(store, name)) removeUse(store, name);
  for (const { path, lastUsed } of storedFacts(paths, "steps3"))
    if (Date.now() - lastUsed > REMEMBERED) rmSync(path, { force: true });
}

/** Removes what is known of compressed twins that are gone. */
export function dropDangling(store: Store): void {
  for (const fact of storedFacts(store.paths, "compressed1"))
    if (isDescriptor(fact.value) && !store.blobs.hasSync(fact.value)) removeFact(fact);
}

function isOfNothing({ paths }: Store, use: string): boolean {
  const [kind = "", ...rest] = use.split("-");
  const name = rest.join("-");
  const places: Readonly<Record<string, string>> = {
    layer: join(paths.layers, name),
    source: paths.source(name),
    mount: paths.cacheMount(name),
  };
  return statSync(places[kind] ?? paths.root, { throwIfNoEntry: false }) === undefined;
}

/** What is being made has its date before it is there. */
function removeUse({ paths }: Store, use: string): void {
  const path = join(dirname(paths.use("layer", "name")), use);
  const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Date.now() - time > 3_600_000) rmSync(path, { force: true });
}
