// What the formats of shared caches have in common, as schemas for what others wrote.

import * as v from "valibot";
import { type Digest, isDigest } from "../oci/index.js";

export const digest = v.pipe(
  v.string(),
  v.check(isDigest, "sha256 and 64 hex digits"),
  v.transform((text) => text as Digest),
);

/** Bytes, positions, numbers of things. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
