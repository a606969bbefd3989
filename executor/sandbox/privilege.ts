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
  /** Root of a user namespace that was entered before, with these ids. */
  | ({ readonly kind: "namespace" } & IdMaps)
  /** An ordinary user: each step gets a user namespace, with these ids, or with the step's own id alone. */
  | { readonly kind: "user"; readonly uid: number; readonly gid: number; readonly maps?: IdMaps };

/** For one, ranges that `newuidmap` and `newgidmap` may give to the user, from /etc/subuid and /etc/subgid. */
export interface IdMaps {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
}

const EVERY_ID = 4294967295;

export function readPrivilege(read = (path: string): string => readFileSync(path, "latin1")): Privilege {
  const [uid, gid] = [process.geteuid!(), process.getegid!()];
  if (uid !== 0) return { kind: "user", uid, gid };
  const uids = parseIdMap(read("/proc/self/uid_map"));
  if (uids[0]?.outside === 0 && uids[0].count === EVERY_ID) return { kind: "root" };
  return { kind: "namespace", uids, gids: parseIdMap(read("/proc/self/gid_map")) };
}

/** @param text of /proc/<pid>/uid_map */
export function parseIdMap(text: string): IdRange[] {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return lines.flatMap(([inside, outside, count]) =>
    count === undefined ? [] : [{ inside: inside!, outside: outside!, count }],
  );
}

/** The groups that a step can have; undefined for any. With one alone, the kernel allows no change of groups. */
export function groupsOf(privilege: Privilege): readonly IdRange[] | undefined {
  if (privilege.kind === "root") return undefined;
  return privilege.kind === "namespace" ? privilege.gids : (privilege.maps?.gids ?? []);
}

export function hasGroup(privilege: Privilege, gid: number): boolean {
  return isIn(groupsOf(privilege), gid);
}

function usersOf(privilege: Privilege): readonly IdRange[] | undefined {
  if (privilege.kind === "root") return undefined;
  return privilege.kind === "namespace" ? privilege.uids : (privilege.maps?.uids ?? []);
}

const isIn = (ranges: readonly IdRange[] | undefined, id: number): boolean =>
  ranges?.some(({ inside, count }) => id >= inside && id < inside + count) ?? true;

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** The owner that a file of a step gets. One that the user namespace does not have cannot be had: then it is the step's user. */
export function ownerInside({ uid, gid }: Ids, step: Ids, privilege: Privilege): Ids {
  return {
    uid: isIn(usersOf(privilege), uid) ? uid : step.uid,
    gid: isIn(groupsOf(privilege), gid) ? gid : step.gid,
  };
}

export function canSetGroups(privilege: Privilege): boolean {
  return (groupsOf(privilege)?.reduce((total, { count }) => total + count, 0) ?? EVERY_ID) > 1;
}
