// The root of a step: where its layers, its changes and its mount points are, on any snapshotter.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FileTree, UpperOptions } from "../../filesystem/index.js";
import type { Running } from "../context.js";
import { type LayerForm, type Snapshot, unpackOptions } from "../layers/index.js";
import { likeEntry } from "../like-entry.js";
import { type MountPoint, STANDARD_MOUNT_POINTS } from "../run/scaffold.js";
import type { SandboxSpec } from "../sandbox/index.js";
import { checkOutSnapshot } from "./check-out.js";
import { snapshotterOf } from "./choose.js";

export interface StepRoot extends Required<Pick<SandboxSpec, "snapshotter" | "lowers" | "upper">> {
  /** How what was done in `upper` is told from what was there. */
  readonly changes: Pick<UpperOptions, "checkout" | "markFiles" | "opaqueMarks">;
}

export interface RootOptions {
  readonly snapshot: Snapshot;
  readonly tree: FileTree;
  /** An empty directory, in which `upper` is made. */
  readonly directory: string;
  /** Places to mount on, beside the standard ones. @default none */
  readonly points?: readonly MountPoint[];
}

/** @throws sandbox_unavailable, store_full, interrupted; as fetching layers does */
export async function prepareRoot(execution: Running, options: RootOptions): Promise<StepRoot> {
  const snapshotter = await snapshotterOf(execution);
  const upper = join(options.directory, "upper");
  return snapshotter === "copy" ? copied(execution, options, upper) : stacked(execution, options, upper, snapshotter);
}

export const formFor = (snapshotter: "overlay" | "fuse-overlayfs"): LayerForm =>
  snapshotter === "overlay" ? "linked" : "separate";

/** The upper directory is the root directory of the sandbox, so it looks like the image's. */
async function stacked(
  { layers, scaffolds }: Running,
  { snapshot, tree, points = [] }: RootOptions,
  upper: string,
  snapshotter: "overlay" | "fuse-overlayfs",
): Promise<StepRoot> {
  const lowers = await layers.lowerDirectories(snapshot, formFor(snapshotter));
  const scaffold = scaffolds.directory(tree, [...STANDARD_MOUNT_POINTS, ...points]);
  mkdirSync(upper);
  likeEntry(upper, tree.get("")!);
  const markFiles = snapshotter === "fuse-overlayfs";
  const opaqueMarks = [unpackOptions().userxattr ? "user.overlay.opaque" : "trusted.overlay.opaque"];
  const changes = markFiles ? { markFiles } : { opaqueMarks };
  return { snapshotter, lowers: [scaffold, ...lowers], upper, changes };
}

async function copied(
  execution: Running,
  { snapshot, tree, points = [] }: RootOptions,
  upper: string,
): Promise<StepRoot> {
  const extra = [...STANDARD_MOUNT_POINTS, ...points];
  const checkout = await checkOutSnapshot(execution, { snapshot, tree, directory: upper, points: extra });
  return { snapshotter: "copy", lowers: [], upper, changes: { checkout, opaqueMarks: [] } };
}
