// How layers lie unpacked in the store: each kind of ownership has its own, since none can stand on another's.

import type { UnpackOptions } from "../../filesystem/index.js";
import { type Digest, sha256 } from "../../oci/index.js";
import { ownership } from "../ownership.js";

/** The name of a layer's directory. */
export function unpackedName(digest: Digest): Digest {
  const kind = ownership();
  if (kind === "exact") return digest;
  return sha256(kind === "mapped" ? `owners of a user namespace ${digest}` : `without owners ${digest}`);
}

/** Marks of overlayfs that a user namespace can set are other ones. */
export function unpackOptions(): Pick<UnpackOptions, "ownership" | "userxattr"> {
  return { ownership: ownership() === "recorded" ? "record" : "set", userxattr: ownership() !== "exact" };
}
