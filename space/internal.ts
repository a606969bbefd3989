// What only saves time or tells of the past: logs of builds, what is known of contexts, indexes of base images.

import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { buildIds, isRunning } from "../cache/index.js";
import { bytesOnDisk, namesIn } from "./blocks.js";
import type { Unit } from "./unit.js";
import type { StoreView } from "./view.js";

/** @param known paths that go with other units */
export function internalUnits(view: StoreView, known: ReadonlySet<string>): Unit[] {
  const { paths } = view.store;
  const contexts = dirname(paths.statIndex("name"));
  const files = (directory: string, description: string) =>
    namesIn(directory)
      .map((name) => join(directory, name))
      .filter((path) => !known.has(path))
      .map((path) => fileUnit(view, path, description));
  return [
    ...files(contexts, "what is known of the files of a context"),
    ...files(paths.layerIndexes, "index of a layer"),
    ...buildIds(paths.builds).map((id) => buildUnit(view, id)),
  ];
}

function fileUnit(view: StoreView, path: string, description: string): Unit {
  const stats = statSync(path, { throwIfNoEntry: false });
  const time = Math.max(stats?.mtimeMs ?? 0, stats?.ctimeMs ?? 0);
  return {
    ...view.unit("internal", basename(path), description, { created: time, lastUsed: time }),
    size: bytesOnDisk(path),
    cost: 10,
    parts: { facts: [], blobs: [], paths: [path] },
  };
}

function buildUnit(view: StoreView, id: string): Unit {
  const { paths } = view.store;
  const unit = fileUnit(view, join(paths.builds, id), "record and logs of a build");
  return { ...unit, inUse: unit.inUse || isRunning(paths.builds, id) };
}
