// Caches that BuildKit wrote are told by their marks and not read: their keys are digests of BuildKit's own definitions, which
// nothing here computes.
// https://github.com/moby/buildkit/tree/master/cache/remotecache

import { TsbuildError } from "../errors.js";
import type { Descriptor } from "../oci/index.js";

/** The config of its cache manifests; in its older form a "manifest" of an index. */
const CONFIG_TYPE = "application/vnd.buildkit.cacheconfig.v0";
/** The field of an image config that has its inline cache. */
const INLINE_FIELD = "moby.buildkit.cache.v0";

/** @throws bad_manifest when one of the parts of a manifest or an index is the config of a BuildKit cache */
export function refuseBuildkitCache(parts: readonly Pick<Descriptor, "mediaType">[]): void {
  if (parts.some(({ mediaType }) => mediaType === CONFIG_TYPE)) throw ofBuildkit("a cache");
}

/** @throws bad_manifest when an image config has an inline cache of BuildKit */
export function refuseBuildkitInline(config: Readonly<Record<string, unknown>>): void {
  if (INLINE_FIELD in config) throw ofBuildkit("an inline cache");
}

function ofBuildkit(what: string): TsbuildError {
  const message = `expected ${what} that tsbuild wrote, found one of BuildKit, whose keys mean other things`;
  return new TsbuildError("bad_manifest", message, {
    hint: "Let tsbuild write a cache of its own under another name, with --cache-to.",
  });
}
