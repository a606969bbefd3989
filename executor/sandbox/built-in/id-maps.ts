// Maps ranges of ids into a user namespace: root writes them, for others the set-user-id programs of the system do.
// man 7 user_namespaces, man 1 newuidmap

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { TsbuildError } from "../../../errors.js";
import type { IdRange, Privilege } from "../privilege.js";

/** @throws sandbox_failed */
export async function writeIdMaps(pid: number, privilege: Privilege): Promise<void> {
  if (privilege.kind !== "user" || !privilege.maps) return;
  const { uids, gids } = privilege.maps;
  try {
    if (process.geteuid!() === 0) {
      writeFileSync(`/proc/${pid}/uid_map`, linesOf(uids));
      writeFileSync(`/proc/${pid}/gid_map`, linesOf(gids));
      return;
    }
    await promisify(execFile)("newuidmap", [String(pid), ...wordsOf(uids)]);
    await promisify(execFile)("newgidmap", [String(pid), ...wordsOf(gids)]);
  } catch (cause) {
    const said = String((cause as { readonly stderr?: unknown }).stderr ?? (cause as Error).message);
    const hint =
      "Check the ranges of /etc/subuid and /etc/subgid, and that newuidmap and newgidmap may be run as root.";
    throw new TsbuildError("sandbox_failed", `cannot map ids: ${said.trim().split("\n")[0]}`, { cause, hint });
  }
}

const wordsOf = (ranges: readonly IdRange[]): string[] =>
  ranges.flatMap(({ inside, outside, count }) => [inside, outside, count]).map(String);

const linesOf = (ranges: readonly IdRange[]): string =>
  ranges.map(({ inside, outside, count }) => `${inside} ${outside} ${count}\n`).join("");
