// The files of an image, without the layers that they came in.

import { type Entry, type FileRegion, FileTree } from "../../filesystem/index.js";
import type { Layer } from "../../executor/index.js";
import { formatPlatform, type Platform } from "../../oci/index.js";
import type { LayerContents } from "../layers/contents.js";
import { squashChanges } from "../layers/squash.js";

export interface RootFiles {
  /** Parents first, each path once; the root itself is not among them. */
  readonly entries: readonly Entry[];
  /** The content of a file that is not empty. */
  readonly contentOf: (entry: Entry) => FileRegion;
}

export interface RootFilesOptions {
  /** Seconds since the epoch that everything is dated to. @default as the image has it */
  readonly epoch?: number;
}

export async function rootFiles(
  layers: readonly Layer[],
  contents: LayerContents,
  { epoch }: RootFilesOptions = {},
): Promise<RootFiles> {
  const opened = await Promise.all(layers.map((layer) => contents.open(layer)));
  const changes = opened.map(({ index }) => index.changes);
  const { layerOf, original, ...squashed } = squashChanges(FileTree.empty, changes);
  const entries = (squashed.changes as readonly Entry[]).filter(({ path }) => path !== "");
  const dated = epoch === undefined ? entries : entries.map((entry) => ({ ...entry, mtime: epoch, mtimeNs: 0 }));
  return { entries: dated, contentOf: ({ path }) => opened[layerOf(path)]!.contentOf(original(path)) };
}

/** Files of several platforms, each below a directory of its own: `linux_arm_v7`. */
export function splitByPlatform(
  parts: readonly { readonly platform: Platform; readonly files: RootFiles }[],
  epoch = 0,
): RootFiles {
  const places = new Map<Entry, () => FileRegion>();
  const entries = parts.flatMap(({ platform, files }) => {
    const directory = platformDirectory(platform);
    return [top(directory, epoch), ...files.entries.map((entry) => moved(entry, directory, files, places))];
  });
  return { entries, contentOf: (entry) => places.get(entry)!() };
}

export function platformDirectory(platform: Platform): string {
  return formatPlatform(platform).replaceAll("/", "_");
}

function top(path: string, mtime: number): Entry {
  return { path, type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0, mtime, mtimeNs: 0 };
}

function moved(entry: Entry, directory: string, files: RootFiles, places: Map<Entry, () => FileRegion>): Entry {
  const { path, hardlink } = entry;
  const copy = {
    ...entry,
    path: `${directory}/${path}`,
    ...(hardlink !== undefined && { hardlink: `${directory}/${hardlink}` }),
  };
  places.set(copy, () => files.contentOf(entry));
  return copy;
}
