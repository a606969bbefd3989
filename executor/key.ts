// Cache keys: the sha256 of canonical JSON that names an operation and the content that it reads (docs/formats.md).

import type { CacheKey } from "../cache/index.js";
import { canonicalJson, hexOf, sha256 } from "../oci/index.js";

/** The format of keys. A changed derivation gets another number, and old records are simply not found. */
const FORMAT = "k1";

export function cacheKey(inputs: unknown): CacheKey {
  return `${FORMAT}:${hexOf(sha256(canonicalJson(inputs)))}`;
}

/** The name of a key's record in the store. */
export function recordName(key: CacheKey): string {
  return key.slice(FORMAT.length + 1);
}
