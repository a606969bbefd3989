// An image, a cache and cache mounts under one name would each replace the other.

import { TsbuildError } from "../errors.js";
import { formatReference, parseReference, type Reference } from "../oci/index.js";
import type { CacheTarget, MountsTarget } from "./spec.js";

/** @returns `targets` @throws usage when something of a build would replace something else of it */
export function expectOwnNames(
  targets: readonly CacheTarget[],
  mounts: readonly MountsTarget[] = [],
  tags: readonly Reference[] = [],
): readonly CacheTarget[] {
  const taken = new Set(tags.map(formatReference));
  for (const name of [...targets, ...mounts].flatMap(nameOf)) {
    if (taken.size < taken.add(name).size) continue;
    throw new TsbuildError("usage", `the build would write "${name}" twice, with different content`, {
      hint: "Give image, cache and cache mounts a tag each.",
    });
  }
  return targets;
}

function nameOf(target: CacheTarget | MountsTarget): string[] {
  if (target.type === "local") return [[target.directory, target.tag ?? "latest", target.scope ?? ""].join(":")];
  if (target.type !== "registry") return [];
  const reference = parseReference(target.ref);
  if (reference.digest !== undefined)
    throw new TsbuildError("usage", `expected a tag to write "${target.ref}" under, found a digest`, {
      hint: "Name a tag: REGISTRY/REPOSITORY:TAG.",
    });
  return [`${formatReference(reference)}${target.scope ? `-${target.scope}` : ""}`];
}
