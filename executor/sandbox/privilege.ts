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
  /**
   * An ordinary user, or root of a container that may not mount: each step gets a user namespace, with these ids, or with the
   * step's own id alone.
   */
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
  const has = capabilitiesIn(read("/proc/self/status"));
  if (!has(SYS_ADMIN)) {
    const maps = { uids: sameInside(uids), gids: sameInside(parseIdMap(read("/proc/self/gid_map"))) };
    return { kind: "user", uid, gid, ...(has(SETUID) && has(SETGID) && { maps }) };
  }
  if (uids[0]?.outside === 0 && uids[0].count === EVERY_ID) return { kind: "root" };
  return { kind: "namespace", uids, gids: parseIdMap(read("/proc/self/gid_map")) };
}

const [SETGID, SETUID, SYS_ADMIN] = [6n, 7n, 21n];

/** Numbers of man 7 capabilities. @param status text of /proc/self/status */
function capabilitiesIn(status: string): (capability: bigint) => boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  return (capability) => ((effective >> capability) & 1n) === 1n;
}

/** What this process may hand on of its own ids: they keep their numbers. */
const sameInside = (ranges: readonly IdRange[]): IdRange[] =>
  ranges.map(({ inside, count }) => ({ inside, outside: inside, count }));

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
