// Where this machine's cgroup controllers are, and where in them this process is.
// man 7 cgroups, man 5 proc (/proc/pid/cgroup, /proc/pid/mountinfo)

import { readFileSync } from "node:fs";
import { join, posix } from "node:path";

export interface Hierarchy {
  readonly version: 1 | 2;
  /** Where it is mounted. */
  readonly mount: string;
  /** This process's cgroup in it: a directory at or below `mount`. */
  readonly own: string;
  /** Of version 1: `memory`, `cpu`, `name=systemd`… */
  readonly controllers: readonly string[];
}

export interface ProcFiles {
  readonly mountinfo: string;
  readonly cgroup: string;
}

const OPTIONS = new Set([
  "rw",
  "ro",
  "xattr",
  "nsdelegate",
  "memory_recursiveprot",
  "favordynmods",
  "clone_children",
  "noprefix",
]);

export function readHierarchies(files: ProcFiles = readProc()): Hierarchy[] {
  const members = files.cgroup.trim().split("\n").map(splitMembership);
  return files.mountinfo.split("\n").flatMap((line) => {
    const mount = parseMount(line);
    if (!mount) return [];
    const isMember = (names: readonly string[]) =>
      mount.version === 2 ? names.length === 0 : names.some((name) => mount.controllers.includes(name));
    const path = members.find(({ controllers }) => isMember(controllers))?.path;
    return path === undefined ? [] : [{ ...mount, own: below(mount, path) }];
  });
}

const readProc = (): ProcFiles => ({
  mountinfo: readFileSync("/proc/self/mountinfo", "utf8"),
  cgroup: readFileSync("/proc/self/cgroup", "utf8"),
});

/** `4:memory:/user.slice`, or `0::/user.slice` for version 2. */
function splitMembership(line: string): { readonly controllers: readonly string[]; readonly path: string } {
  const [, names = "", ...path] = line.split(":");
  return { controllers: names === "" ? [] : names.split(","), path: path.join(":") };
}

/** `36 35 98:0 /root /mount options - type source super-options` */
function parseMount(line: string): (Omit<Hierarchy, "own"> & { readonly root: string }) | undefined {
  const [place = "", rest = ""] = line.split(" - ");
  const [, , , root = "", mount = ""] = place.split(" ");
  const [type, , options = ""] = rest.split(" ");
  if (type === "cgroup2") return { version: 2, root, mount, controllers: [] };
  if (type !== "cgroup") return undefined;
  return { version: 1, root, mount, controllers: options.split(",").filter((name) => !OPTIONS.has(name)) };
}

/** In a container the mount may show a part of the hierarchy only, under the path that it has outside. */
function below({ root, mount }: { readonly root: string; readonly mount: string }, path: string): string {
  const relative = root !== "/" && (path === root || path.startsWith(`${root}/`)) ? path.slice(root.length) : path;
  const clean = posix.normalize(`/${relative}`);
  return clean === "/" || clean.startsWith("/..") ? mount : join(mount, clean);
}
