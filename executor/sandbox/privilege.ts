// What this process may do about namespaces, which decides how a sandbox is made.
// man 7 user_namespaces

import { readFileSync } from "node:fs";

export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

export type Privilege =
  /** Root of the machine. */
  | { readonly kind: "root" }
  /** Root of a user namespace that was entered before. */
  | { readonly kind: "namespace" }
  /** An ordinary user: each step gets a user namespace, with these ids, or with the step's own id alone. */
  | { readonly kind: "user"; readonly uid: number; readonly gid: number; readonly maps?: IdMaps };

/** Ranges that `newuidmap` and `newgidmap` may give to the user, from /etc/subuid and /etc/subgid. */
export interface IdMaps {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
}

export function readPrivilege(uidMap = readFileSync("/proc/self/uid_map", "latin1")): Privilege {
  const [uid, gid] = [process.geteuid!(), process.getegid!()];
  if (uid !== 0) return { kind: "user", uid, gid };
  return { kind: /^\s*0\s+0\s+4294967295\s*$/.test(uidMap) ? "root" : "namespace" };
}
