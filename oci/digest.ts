// Content addresses: `sha256:<64 hex digits>`.
// https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests

import { hash } from "node:crypto";
import { TsbuildError } from "../errors.js";

/** A verified spelling: only `parseDigest`, `sha256` and the verifying streams make one. */
export type Digest = `sha256:${string}`;

const SHA256 = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return SHA256.test(text);
}

/** @throws bad_reference when `text` is anything but sha256 and 64 lower-case hex digits. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new TsbuildError("bad_reference", `expected a digest "sha256:<64 hex digits>", found "${text}"`, {
    hint: "Give the whole digest, in lower case, with sha256: before it.",
  });
}

/** The digest of bytes in memory. */
export function sha256(bytes: Uint8Array | string): Digest {
  return `sha256:${hash("sha256", bytes, "hex")}`;
}

/** The 64 hex digits alone. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}
