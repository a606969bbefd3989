// The overlay mount of a step's root, by the kernel or by fuse-overlayfs.
// https://docs.kernel.org/filesystems/overlayfs.html, man 1 fuse-overlayfs

import { symlinkSync } from "node:fs";
import { release } from "node:os";
import { join, relative } from "node:path";
import { TsbuildError } from "../../errors.js";
import { findProgram } from "./find-program.js";
import type { OverlayDirectories } from "./runtime.js";

/** overlayfs's own limit. */
const MAX_LOWERS = 500;

export interface OverlayOptions {
  /** Marks are `user.overlay.*`, because `trusted.*` needs privilege in the initial user namespace. */
  readonly userxattr: boolean;
  /** @default the running kernel's */
  readonly kernel?: string;
}

/** The kernel takes a page of options at most. */
const OPTIONS_LIMIT = 4000;

/**
 * The mount's options, relative to `spec.scratch`. Where they would be too long, or a path has characters that would need
 * escapes, the directories get short names there; making those costs more than all else of a small step.
 * @throws limit_exceeded for more layers than overlayfs stacks
 */
export function prepareOverlay(spec: OverlayDirectories, options: OverlayOptions): string {
  checkCount(spec);
  const words = [directoryOptions(spec, relativeName(spec.scratch)), ...flags(options)].join(",");
  return isPlain(spec) && words.length < OPTIONS_LIMIT
    ? words
    : [directoryOptions(spec, shortName(spec.scratch)), ...flags(options)].join(",");
}

/** With a cache for writes, the kernel would tell other times of files than it leaves on disk. */
const FUSE_FLAGS = "writeback=0";

/** What it says while all is well is nobody's concern. */
const QUIETLY = 'said=$("$@" 2>&1) || { echo "$said" >&2; exit 1; }';

/** The command that mounts an overlay at `point` and goes on serving it. @throws limit_exceeded, sandbox_unavailable */
export function fuseOverlayArgs(spec: OverlayDirectories, point: string): string[] {
  checkCount(spec);
  const short = shortName(spec.scratch);
  const options = directoryOptions(spec, isPlain(spec) ? (path) => path : (path) => join(spec.scratch, short(path)));
  return ["/bin/sh", "-c", QUIETLY, "sh", fuseOverlayfs(), "-o", `${options},${FUSE_FLAGS}`, point];
}

/** The program's path. */
function fuseOverlayfs(): string {
  const program = findProgram("fuse-overlayfs");
  if (program !== undefined) return program;
  throw new TsbuildError("sandbox_unavailable", "fuse-overlayfs is not on this machine", {
    hint: "Install it (apt-get install fuse-overlayfs), or choose another --snapshotter.",
  });
}

function checkCount({ lowers: { length } }: OverlayDirectories): void {
  if (length <= MAX_LOWERS) return;
  const hint = "Merge instructions, or start from an image with fewer layers.";
  throw new TsbuildError("limit_exceeded", `expected at most ${MAX_LOWERS} layers below a step, found ${length}`, {
    hint,
  });
}

const isPlain = ({ lowers, upper, work }: OverlayDirectories): boolean =>
  [...lowers, upper, work].every((path) => /^[\w./-]+$/.test(path));

function directoryOptions({ lowers, upper, work }: OverlayDirectories, nameOf: (path: string) => string): string {
  return `lowerdir=${lowers.map(nameOf).join(":")},upperdir=${nameOf(upper)},workdir=${nameOf(work)}`;
}

function relativeName(scratch: string): (path: string) => string {
  return (path) => relative(scratch, path);
}

function shortName(scratch: string): (path: string) => string {
  let count = 0;
  return (path) => {
    const name = String(count++);
    symlinkSync(path, join(scratch, name));
    return name;
  };
}

/** `userxattr` turns off what the others do. */
function flags({ userxattr, kernel }: OverlayOptions): string[] {
  const volatile = kernelIsAtLeast(5, userxattr ? 11 : 10, kernel) ? ["volatile"] : [];
  return ["index=off", ...(userxattr ? ["userxattr"] : ["redirect_dir=off", "metacopy=off"]), ...volatile];
}

/**
 * `volatile` makes sync a no-op: the upper directory outlives a crash of the machine only as a finished layer in the
 * store, and without it the kernel flushes the whole disk at every step's end.
 */
export function kernelIsAtLeast(major: number, minor: number, kernel: string = release()): boolean {
  const [first = 0, second = 0] = kernel.split(/[.-]/, 2).map(Number);
  return first > major || (first === major && second >= minor);
}
