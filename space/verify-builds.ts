// Records of past builds that cannot be read: `tsbuild builds` would pass over them in silence.

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { buildIds, readBuildRecord, removeBuild, type Store } from "../cache/index.js";
import type { Suspect } from "./suspect.js";

/** A build that was killed before it kept anything has no record, which is no damage. */
export function wrongBuilds({ paths }: Store): readonly Suspect[] {
  const isWrong = (id: string) =>
    existsSync(join(paths.builds, id, "build.json")) && readBuildRecord(paths.builds, id) === undefined;
  return buildIds(paths.builds)
    .filter(isWrong)
    .map((id) => ({
      kind: "build",
      name: relative(paths.root, join(paths.builds, id)),
      message: "its record cannot be read",
      isStillWrong: () => isWrong(id),
      drop: () => void removeBuild(paths.builds, id),
    }));
}
