// Cache mounts: `RUN --mount=type=cache`.

import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { bytesOnDisk, namesIn } from "./blocks.js";
import type { Unit } from "./unit.js";
import { FETCHED_EACH_MS, type StoreView } from "./view.js";

export function mountUnits(view: StoreView): Unit[] {
  const { paths } = view.store;
  const parent = dirname(paths.cacheMount("name"));
  return namesIn(parent).map((name) => {
    const path = join(parent, name);
    const size = bytesOnDisk(path);
    const unit = view.unit("mount", name, `cache mount ${mountName(path)}`, view.timesOf(path, "mount", name));
    return {
      ...unit,
      mutable: true,
      size,
      cost: size / FETCHED_EACH_MS,
      parts: { facts: [], blobs: [], paths: [path], lock: join(path, "lock"), use: paths.use("mount", name) },
    };
  });
}

/** Its id, where that was kept; else the name of its directory. */
function mountName(path: string): string {
  try {
    const { id } = JSON.parse(readFileSync(join(path, "mount.json"), "utf8")) as { readonly id?: string };
    return id ?? basename(path).slice(0, 12);
  } catch {
    return basename(path).slice(0, 12); // of a mount that nobody described
  }
}
