// What owners files of a root filesystem can have on this machine's disk, and so how layers are unpacked and packed.
// man 7 user_namespaces

import { groupsOf, type Privilege, readPrivilege } from "./sandbox/index.js";

/**
 * exact: root of the machine sets any. mapped: root of a user namespace with many ids sets those. recorded: all files are
 * the one user's; the layer index alone has their owners.
 */
export type Ownership = "exact" | "mapped" | "recorded";

export function ownershipOf(privilege: Privilege): Ownership {
  if (privilege.kind === "root") return "exact";
  const ids = groupsOf(privilege)?.reduce((total, { count }) => total + count, 0) ?? 0;
  const mayGive = privilege.kind === "namespace" || privilege.uid === 0;
  return mayGive && ids > 1 ? "mapped" : "recorded";
}

let found: Ownership | undefined;

export function ownership(): Ownership {
  return (found ??= ownershipOf(readPrivilege()));
}
