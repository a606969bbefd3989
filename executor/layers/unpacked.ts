// How layers lie unpacked in the store: each kind of ownership has its own, since none can stand on another's.

import type { UnpackOptions } from "../../filesystem/index.js";
import { type Digest, sha256 } from "../../oci/index.js";
import { type Ownership, ownership } from "../ownership.js";

/**
 * linked: names of one file are hard links. separate: each is a file of its own, because fuse-overlayfs, when one of them is written
 * to, leaves the change under another one.
 */
export type LayerForm = "linked" | "separate";

/** The name of a layer's directory. */
export const unpackedName = (digest: Digest, form: LayerForm = "linked"): Digest => nameFor(ownership(), form, digest);

function nameFor(kind: Ownership, form: LayerForm, digest: Digest): Digest {
  const words = [
    ...(form === "separate" ? ["without links"] : []),
    ...(kind === "mapped" ? ["owners of a user namespace"] : []),
    ...(kind === "recorded" ? ["owners in attributes"] : []),
  ];
  return words.length === 0 ? digest : sha256([...words, digest].join(" "));
}

/** All names that the directory of a layer may have: owners and links on disk are right in `exact` only. */
export function unpackedNames(digest: Digest): { readonly exact: Digest; readonly others: readonly Digest[] } {
  const all = KINDS.flatMap((kind) => FORMS.map((form) => nameFor(kind, form, digest)));
  return { exact: digest, others: all.filter((name) => name !== digest) };
}

const KINDS = ["exact", "mapped", "recorded"] as const;
const FORMS = ["linked", "separate"] as const;

/** Marks of overlayfs that a user namespace can set are other ones. */
export function unpackOptions(form: LayerForm = "linked"): Pick<UnpackOptions, "ownership" | "userxattr" | "links"> {
  return {
    links: form === "linked",
    ownership: ownership() === "recorded" ? "record" : "set",
    userxattr: ownership() !== "exact",
  };
}
