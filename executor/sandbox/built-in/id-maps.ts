// Maps a range of ids into a user namespace, by the set-user-id programs of the system.
// man 1 newuidmap

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { TsbuildError } from "../../../errors.js";
import type { IdRange, Privilege } from "../privilege.js";

export async function writeIdMaps(pid: number, privilege: Privilege): Promise<void> {
  if (privilege.kind !== "user" || !privilege.maps) return;
  await mapIds("newuidmap", pid, privilege.maps.uids);
  await mapIds("newgidmap", pid, privilege.maps.gids);
}

async function mapIds(program: string, pid: number, ranges: readonly IdRange[]): Promise<void> {
  const words = ranges.flatMap(({ inside, outside, count }) => [inside, outside, count]);
  try {
    await promisify(execFile)(program, [pid, ...words].map(String));
  } catch (cause) {
    const hint = "Check the ranges of /etc/subuid and /etc/subgid.";
    throw new TsbuildError("sandbox_failed", `cannot map ids with ${program}`, { cause, hint });
  }
}
