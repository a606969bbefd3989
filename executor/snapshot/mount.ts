// A part of a snapshot as a mount of a step: what is written to it is thrown away (S-130).

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FileTree } from "../../filesystem/index.js";
import type { Running } from "../context.js";
import type { LayerForm, Snapshot } from "../layers/index.js";
import type { SandboxMount, SandboxOverlay } from "../sandbox/index.js";
import { checkOutPart } from "./check-out.js";
import { snapshotterOf } from "./choose.js";
import { formFor } from "./root.js";

export interface SnapshotMount {
  readonly snapshot: Snapshot;
  readonly tree: FileTree;
  /** Canonical path in the snapshot; it is there. */
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
  /** An empty directory for the mount's own files, which the caller removes. */
  readonly directory: string;
}

/** @throws sandbox_unavailable, store_full, interrupted; as fetching layers does */
export async function mountSnapshot(execution: Running, mount: SnapshotMount): Promise<SandboxMount> {
  const snapshotter = await snapshotterOf(execution);
  const { snapshot, tree, source, target, readonly, directory } = mount;
  if (snapshotter === "copy") {
    const copy = await checkOutPart(execution, { snapshot, tree, directory: join(directory, "copy") }, source);
    return { type: "bind", source: copy, target, readonly };
  }
  const lowers = withGround(await execution.layers.lowerDirectories(snapshot, formFor(snapshotter)), directory);
  const isDirectory = tree.get(source)?.type === "directory";
  return { type: "overlay", snapshotter, lowers, ...overlayIn(directory), source, isDirectory, target, readonly };
}

function overlayIn(directory: string): OverlayParts {
  const [upper = "", work = "", scratch = ""] = ["upper", "work", "scratch"].map((name) => join(directory, name));
  for (const path of [upper, work, scratch]) mkdirSync(path, { recursive: true });
  return { upper, work, scratch };
}

type OverlayParts = Pick<SandboxOverlay, "upper" | "work" | "scratch">;

export interface FilesMount extends Pick<SnapshotMount, "source" | "target" | "readonly" | "directory"> {
  /** A directory with the files. Others may have the same one, unless it is to be `own`, which is missing. */
  readonly filesIn: (form: LayerForm, own?: string) => Promise<string>;
  readonly isDirectory: boolean;
}

/** As `mountSnapshot`, of files that are no layer. @throws as `filesIn` does */
export async function mountFiles(execution: Running, mount: FilesMount): Promise<SandboxMount> {
  const { filesIn, source, isDirectory, target, readonly, directory } = mount;
  const snapshotter = await snapshotterOf(execution);
  if (readonly || snapshotter === "copy") {
    const files = await (readonly ? filesIn("linked") : filesIn("separate", join(directory, "copy")));
    return { type: "bind", source: source === "" ? files : `${files}/${source}`, target, readonly };
  }
  const lowers = [await filesIn(formFor(snapshotter))];
  return { type: "overlay", snapshotter, lowers, ...overlayIn(directory), source, isDirectory, target, readonly };
}

/** An overlay stands on something: an empty stack on an empty directory. */
function withGround(lowers: readonly string[], directory: string): readonly string[] {
  if (lowers.length > 0) return lowers;
  const ground = join(directory, "ground");
  mkdirSync(ground, { recursive: true });
  return [ground];
}
