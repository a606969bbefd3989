// Past builds, and how users name them.

import { buildIds, endOf, isRunning, readBuildRecord, type Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { formatReference, parseReference } from "../oci/index.js";
import { type BuildRecord, isBuildRecord, isBuildStatus } from "./record.js";

/** The latest first. What cannot be read is left out. */
export function* pastBuilds({ paths }: Store): Iterable<BuildRecord> {
  for (const id of buildIds(paths.builds)) {
    const record = readBuildRecord(paths.builds, id);
    if (isBuildRecord(record)) yield withTrueStatus(record, paths.builds);
  }
}

/** Earlier builds of the same Dockerfile, the latest first. @param most how many */
export function* pastBuildsOf({ paths }: Store, build: BuildRecord, most: number): Iterable<BuildRecord> {
  if (build.scope === undefined) return;
  let count = 0;
  for (const id of buildIds(paths.builds)) {
    if (id >= build.id || count >= most) continue;
    const record = readBuildRecord(paths.builds, id, build.scope);
    if (!isBuildRecord(record) || record.scope !== build.scope) continue;
    count++;
    yield record;
  }
}

/** A build that says it runs, and whose process is gone, was killed, unless it could still say how it ended. */
function withTrueStatus(record: BuildRecord, parent: string): BuildRecord {
  if (record.status !== "running" || isRunning(parent, record.id)) return record;
  const status = endOf(parent, record.id) ?? "killed";
  if (!isBuildStatus(status)) return { ...record, status: "killed" };
  return { ...record, status, ...(status === "failed" && { message: UNWRITTEN }) };
}

const UNWRITTEN = "the store could not be written any more";

/**
 * @param name an id or a part of it that only one has; `^N`, the Nth before the latest; or a tag, whose latest build it is
 * @throws build_not_found
 */
export function findBuild(store: Store, name = "^0"): BuildRecord {
  const builds = [...pastBuilds(store)];
  const offset = /^\^(\d+)$/.exec(name)?.[1];
  if (offset !== undefined) return builds[Number(offset)] ?? notFound(name, builds);
  const named = builds.filter(({ id }) => id.startsWith(name) || id.endsWith(name));
  if (named.length === 1) return named[0]!;
  if (named.length > 1) throw ambiguous(name, named);
  const tag = fullName(name);
  return builds.find(({ asked }) => asked.tags.includes(tag ?? name)) ?? notFound(name, builds);
}

function fullName(name: string): string | undefined {
  try {
    return formatReference(parseReference(name));
  } catch (error) {
    if (error instanceof TsbuildError) return undefined;
    throw error;
  }
}

function notFound(name: string, builds: readonly BuildRecord[]): never {
  if (builds.length === 0)
    throw new TsbuildError("build_not_found", "the store knows no past build", { hint: "Build something first." });
  const hint = 'Look at "tsbuild builds": give an id, a part of it, ^1 for the build before the latest, or a tag.';
  throw new TsbuildError("build_not_found", `no build is known as "${name}"`, { hint });
}

function ambiguous(name: string, builds: readonly BuildRecord[]): TsbuildError {
  const ids = builds.slice(0, 3).map(({ id }) => id);
  return new TsbuildError("build_not_found", `"${name}" may be any of ${builds.length} builds: ${ids.join(", ")}`, {
    hint: "Give more of the id.",
  });
}
