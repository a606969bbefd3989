// Runs a program as root of a user namespace with the user's subordinate ids, so that files can have other owners than the user.
// man 1 newuidmap, man 5 subuid

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import type { Duplex } from "node:stream";
import { TsbuildError } from "../../errors.js";
import { writeIdMaps } from "./built-in/id-maps.js";
import * as linux from "./built-in/linux.js";
import { encodeProgram, exec, operation } from "./built-in/operation.js";
import { type LauncherRecord, RecordReader } from "./built-in/record.js";
import { exited, killedBy } from "./exit-status.js";
import type { IdMaps } from "./privilege.js";
import type { ExitStatus } from "./runtime.js";

export interface Subordinate {
  /** What may be mapped: the user's own id as root, then the ranges. */
  readonly maps?: IdMaps;
  /** Why there is nothing to map, as a reason: `newuidmap is not installed`. */
  readonly missing?: string;
  /** What would change it: one imperative sentence. */
  readonly hint?: string;
}

/** What this user may map. */
export function subordinateIds(read = readIfThere): Subordinate {
  const tool = ["newuidmap", "newgidmap"].find((name) => !isInPath(name));
  if (tool) return { missing: `${tool} is not installed`, hint: "Install it: apt-get install uidmap." };
  const [uid, gid] = [process.geteuid!(), process.getegid!()];
  const username = nameOf(uid);
  const given = ["/etc/subuid", "/etc/subgid"].map((file) => grantsIn(read(file) ?? ""));
  const [uids, gids] = given.map((grants) => rangesOf(grants, username, uid));
  const file = uids!.length === 0 ? "/etc/subuid" : "/etc/subgid";
  if (uids!.length === 0 || gids!.length === 0) {
    const free = freeRange(given.flat().map(({ range }) => range));
    return {
      missing: `${file} has no ids for ${username}`,
      hint: `Add some, as root: usermod --add-subuids ${free} --add-subgids ${free} ${username}.`,
    };
  }
  return { maps: { uids: mapOf(uid, uids!), gids: mapOf(gid, gids!) } };
}

/** Not every id has a name. */
function nameOf(uid: number): string {
  try {
    return userInfo().username;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    return String(uid);
  }
}

type Range = readonly [first: number, count: number];

interface Grant {
  /** By name or by id. */
  readonly user: string;
  readonly range: Range;
}

/** Lines such as `user:100000:65536`. */
function grantsIn(text: string): Grant[] {
  const lines = text.split("\n").map((line) => line.trim().split(":"));
  return lines
    .map(([user = "", first, count]): Grant => ({ user, range: [Number(first), Number(count)] }))
    .filter(({ range: [first, count] }) => first > 0 && count > 0);
}

function rangesOf(grants: readonly Grant[], username: string, uid: number): Range[] {
  return grants.filter(({ user }) => user === username || user === String(uid)).map(({ range }) => range);
}

/** Where useradd begins, and how many it gives: man 5 login.defs (SUB_UID_MIN, SUB_UID_COUNT). */
const [FIRST_SUBORDINATE, SUBORDINATES] = [100_000, 65_536];

/** The first range that nobody has, as usermod takes it: `100000-165535`. */
function freeRange(taken: readonly Range[]): string {
  let start = FIRST_SUBORDINATE;
  for (const [first, count] of [...taken].sort(([a], [b]) => a - b))
    if (first < start + SUBORDINATES && first + count > start) start = first + count;
  return `${start}-${start + SUBORDINATES - 1}`;
}

function mapOf(own: number, ranges: readonly Range[]): IdMaps["uids"] {
  let inside = 1;
  const mapped = ranges.map(([outside, count]) => {
    const range = { inside, outside, count };
    inside += count;
    return range;
  });
  return [{ inside: 0, outside: own, count: 1 }, ...mapped];
}

export interface EnterOptions {
  /** The launcher's binary. */
  readonly launcher: string;
  readonly maps: IdMaps;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of the program's process, which signals are for. */
  readonly onProcess?: (pid: number) => void;
}

/** Runs `args` with the streams and the directory of this process. @throws sandbox_failed when the kernel refuses the namespace */
export async function runInNamespace(
  args: readonly string[],
  { launcher, maps, env, onProcess }: EnterOptions,
): Promise<ExitStatus> {
  const variables = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const operations = [
    operation("make a user namespace", "clone", linux.CLONE_NEWUSER),
    operation("wait for the maps of user and group ids", "sync"),
    operation("set the umask", "umask", process.umask()),
    operation(`change to ${process.cwd()}`, "chdir", process.cwd()),
    exec(args, variables),
  ];
  const child = spawn(launcher, [], { stdio: ["inherit", "inherit", "inherit", "pipe"], env: {}, cwd: "/" });
  const control = child.stdio[3] as Duplex;
  const last = await new Promise<LauncherRecord | undefined>((resolve, reject) => {
    const reader = new RecordReader();
    let end: LauncherRecord | undefined;
    const begin = async (pid: number): Promise<void> => {
      await writeIdMaps(pid, { kind: "user", uid: 0, gid: 0, maps });
      onProcess?.(pid);
      control.write("\n");
    };
    control.on("data", (data: Uint8Array) => {
      for (const record of reader.read(data)) {
        if (record.kind === "child") begin(record.number).catch((error: unknown) => (reject(error), control.destroy()));
        else end ??= record;
      }
    });
    control.on("error", () => {}); // the launcher ended: its exit tells
    child.on("error", reject);
    child.on("close", () => resolve(end));
    control.write(encodeProgram(operations));
  });
  if (last?.kind === "exit") return exited(last.number);
  if (last?.kind === "signal") return killedBy(last.number);
  const purpose = last ? operations[last.index]?.purpose : "follow the launcher";
  throw new TsbuildError("sandbox_failed", `cannot ${purpose} (errno ${last?.number ?? "unknown"})`, {
    hint: "Run tsbuild doctor.",
  });
}

function isInPath(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, name)));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
