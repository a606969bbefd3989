// How steps get their root.

import type { Privilege, SnapshotterName } from "../sandbox/index.js";
import { findSnapshotter } from "../snapshot/index.js";
import type { Finding } from "./finding.js";
import type { FoundRuntime } from "./steps.js";

const STATES: { readonly [Name in SnapshotterName]: string } = {
  overlay: "overlay",
  "fuse-overlayfs": "fuse-overlayfs",
  copy: "copy: each step copies the whole image",
};

export async function snapshotsOf(
  { runtime, complaint }: FoundRuntime,
  { kind }: Privilege,
  directory: string,
): Promise<Finding> {
  if (!runtime || complaint !== undefined)
    return { subject: "snapshots", ok: false, state: "not tried", reason: "steps cannot be run" };
  const { name, complaints } = await findSnapshotter(runtime, directory);
  const where = name === "overlay" && kind !== "root" ? " in a user namespace (userxattr)" : "";
  const said = Object.entries(complaints).map(([other, text]) => `${other}: ${text}`);
  const reason = said.join("; ") || "the kernel mounts it on the filesystem of the store";
  const found = { subject: "snapshots", ok: name === "overlay", state: `${STATES[name]}${where}`, reason };
  return name === "overlay" ? found : { ...found, hint: hintFor(complaints["fuse-overlayfs"]) };
}

/** @param fuse what fuse-overlayfs complains of */
function hintFor(fuse: string | undefined): string {
  const better =
    "Put the store on ext4, xfs, btrfs or tmpfs with --home: overlay needs that, and Linux 5.11 for ordinary users";
  if (fuse === undefined) return `${better}.`;
  return fuse.includes("not on this machine")
    ? `${better}; or install fuse-overlayfs: apt-get install fuse-overlayfs.`
    : `${better}; or let this user open /dev/fuse.`;
}
