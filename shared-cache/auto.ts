// `--cache=auto`: a cache beside the image, in its own repository.

import { TsbuildError } from "../errors.js";
import { formatReference, type Reference } from "../oci/index.js";
import type { CacheSource, CacheTarget } from "./spec.js";

/** The tag of the cache in the repository of an image. */
const TAG = "buildcache";

export interface AutoCache {
  readonly from: CacheSource;
  readonly to: CacheTarget;
}

/**
 * The cache for an image that is called `reference`: all steps, and no failure when it cannot be written.
 * @throws usage when there is no name, or none with a registry
 */
export function autoCache(reference: Reference | undefined): AutoCache {
  if (!reference || (reference.registry === "docker.io" && reference.repository.startsWith("library/")))
    throw new TsbuildError("usage", "--cache=auto needs an image name with a registry or an account in it", {
      hint: "Add -t REGISTRY/REPOSITORY:TAG, or name the cache with --cache-from and --cache-to.",
    });
  const { registry, repository } = reference;
  const ref = formatReference({ registry, repository, tag: TAG });
  return { from: { type: "registry", ref }, to: { type: "registry", ref, mode: "max", ignoreError: true } };
}
