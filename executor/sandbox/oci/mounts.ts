// The mounts of a step's root and of its overlays, as commands of the script.
// man 8 mount, man 8 findmnt

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fuseOverlayArgs, prepareOverlay } from "../overlay.js";
import type { Privilege } from "../privilege.js";
import type { OverlayDirectories, SandboxOverlay, SandboxSpec } from "../runtime.js";
import { quote } from "../quote.js";

const ROOT = "bundle/rootfs";

export type RootMounts = OverlayDirectories & Pick<SandboxSpec, "snapshotter" | "confined" | "mounts" | "readonlyRoot">;

/**
 * A mount of a program that serves it sets SERVED, and is let go of by `release`, because only that makes the program write all
 * that it holds back.
 * @throws limit_exceeded, sandbox_unavailable
 */
export function mountCommands(spec: RootMounts, privilege: Privilege): string {
  const overlays = spec.mounts.filter((step) => step.type === "overlay");
  const readonly = spec.readonlyRoot ? [remountReadOnly(ROOT)] : []; // older versions of crun do not see to it
  const lines = [
    ...rootCommands(spec, privilege),
    ...readonly,
    ...overlays.flatMap((step) => overlayCommands(step, privilege)),
  ];
  const served = [
    ...(spec.snapshotter === "fuse-overlayfs" ? [ROOT] : []),
    ...overlays.flatMap((step) => (step.snapshotter === "fuse-overlayfs" ? [join(step.scratch, "root")] : [])),
  ];
  const release = served.length > 0 ? [`SERVED=1; release() { umount ${quoteAll(served)}; }`] : [];
  return [...lines.map((line) => `${line} || exit 1`), ...release].map((line) => `${line}\n`).join("");
}

function rootCommands(spec: RootMounts, privilege: Privilege): string[] {
  const { snapshotter = "overlay", confined, upper } = spec;
  const noDevices = confined ? [remountWithoutDevices(ROOT)] : [];
  if (snapshotter === "copy") return [`mount --bind ${quote(upper)} ${ROOT}`, ...noDevices];
  if (snapshotter === "fuse-overlayfs") return [quoteAll(fuseOverlayArgs(spec, ROOT)), ...noDevices];
  return [overlayCommand(spec, privilege, { point: ROOT, confined })];
}

function overlayCommands(step: SandboxOverlay, privilege: Privilege): string[] {
  mkdirSync(join(step.scratch, "root"));
  if (step.snapshotter === "fuse-overlayfs") {
    const point = join(step.scratch, "root");
    return [quoteAll(fuseOverlayArgs(step, point)), remountWithoutDevices(quote(point))];
  }
  return [`(cd ${quote(step.scratch)} && ${overlayCommand(step, privilege, { point: "root", confined: true })})`];
}

interface KernelMount {
  readonly point: string;
  readonly confined: boolean;
}

function overlayCommand(
  directories: OverlayDirectories,
  privilege: Privilege,
  { point, confined }: KernelMount,
): string {
  const options = prepareOverlay(directories, { userxattr: privilege.kind !== "root" });
  return `mount -t overlay -o ${quote(confined ? `nodev,${options}` : options)} overlay ${point}`;
}

const quoteAll = (words: readonly string[]): string => words.map(quote).join(" ");

/** A remount keeps no flag that it does not name, and a user namespace may drop none. */
export const remountWithoutDevices = (point: string): string =>
  `mount -o "remount,bind,nodev,$(findmnt -nro VFS-OPTIONS --mountpoint ${point})" ${point}`;

const remountReadOnly = (point: string): string =>
  `mount -o "remount,bind,$(findmnt -nro VFS-OPTIONS --mountpoint ${point}),ro" ${point}`;
