// A path that a source of COPY or of a mount does not have, in the words that BuildKit's users look for.

import { posix } from "node:path";
import { TsbuildError } from "../errors.js";
import { sha256 } from "../oci/index.js";

/**
 * `failed to calculate checksum of ref ID::ID: "/nofile": not found`. BuildKit's IDs are chosen anew each time and mean
 * nothing to users; these are made of the path, so that equal builds print the same.
 * @param use what the path is needed for, behind docker's words
 */
export function missingPath(path: string, { use = "", hint }: { use?: string; hint?: string | undefined } = {}) {
  const full = posix.resolve("/", path);
  const ref = `${idOf("source")}::${idOf(full)}`;
  const message = `failed to calculate checksum of ref ${ref}: "${full}": not found${use}`;
  return new TsbuildError("source_not_found", message, hint === undefined ? {} : { hint });
}

/** 25 letters and digits. */
function idOf(text: string): string {
  return BigInt(`0x${sha256(text).slice("sha256:".length)}`)
    .toString(36)
    .slice(0, 25);
}
