// The root filesystem of a step: mounted, and entered.

import { fuseOverlayArgs, prepareOverlay } from "../overlay.js";
import { PROGRAM_PATH } from "../find-program.js";
import type { Privilege } from "../privilege.js";
import type { OverlayDirectories, SandboxSpec } from "../runtime.js";
import { isolateServers } from "./isolation.js";
import * as linux from "./linux.js";
import { listWords, mount, type Operation, operation } from "./operation.js";
import { attach, hold, type TreeSlots } from "./trees.js";

/** Where a mount is that a program serves. */
export const servedRoot = ({ scratch }: Pick<OverlayDirectories, "scratch">): string => `${scratch}/root`;

/** What comes before a step whose mounts are served by programs; nothing for others. @throws sandbox_unavailable */
export function serveMounts(spec: SandboxSpec, privilege: Privilege): Operation[] {
  const overlays = spec.mounts.filter((step) => step.type === "overlay");
  const served = [spec, ...overlays].filter(({ snapshotter }) => snapshotter === "fuse-overlayfs");
  return served.length === 0 ? [] : [...isolateServers(spec, privilege), ...served.flatMap(serveOverlay)];
}

/** @throws sandbox_unavailable, limit_exceeded */
export function serveOverlay(directories: OverlayDirectories): Operation[] {
  const point = servedRoot(directories);
  const [args, env] = [fuseOverlayArgs(directories, point), [`PATH=${PROGRAM_PATH}`]];
  return [
    operation(`make ${point}`, "mkdir", point, 0o755),
    operation(`mount fuse-overlayfs at ${point}`, "serve", point, ...listWords(args), ...listWords(env)),
  ];
}

export function mountKernelOverlay(directories: OverlayDirectories, privilege: Privilege, flags = 0): Operation[] {
  const { scratch } = directories;
  const data = prepareOverlay(directories, { userxattr: privilege.kind !== "root" });
  return [
    operation(`change to ${scratch}`, "chdir", scratch),
    { ...mount("overlay", scratch, "overlay", flags, data), purpose: "mount overlay at /" },
  ];
}

export function enterRoot(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation[] {
  const { snapshotter = "overlay" } = spec;
  return [
    ...(snapshotter === "overlay"
      ? mountKernelOverlay(spec, privilege, spec.confined ? linux.MS_NODEV : 0)
      : attachRoot(spec, snapshotter === "copy" ? spec.upper : servedRoot(spec), trees)),
    operation("change the root", "pivot", spec.scratch),
  ];
}

function attachRoot({ confined, scratch }: SandboxSpec, root: string, trees: TreeSlots): Operation[] {
  const key = "the root";
  const purpose = "mount the root";
  const attributes = confined ? linux.ATTRIBUTE_NODEV : 0;
  return [hold(trees, key, root), attach(trees, key, scratch, attributes)].map((one) => ({ ...one, purpose }));
}
