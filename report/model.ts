// What the report of an image says, before it is a page.

import { type Entry, type FileTree, type LayerIndex } from "../filesystem/index.js";
import { type ConfigChange, type FileChange } from "../images/index.js";
import type { Digest } from "../oci/index.js";
import type { InstalledPackage } from "../packages/index.js";
import { type Folder, measureFolders } from "./folders.js";
import { type SizedPackage, sizePackages } from "./package-sizes.js";
import { findWaste, type Waste } from "./waste.js";

/** An image, read. */
export interface ReportedImage {
  /** As the user wrote it. */
  readonly name: string;
  readonly imageId: Digest;
  readonly platform: string;
  readonly created?: string;
  /** Lowest first. */
  readonly layers: readonly ReportedLayer[];
  readonly tree: FileTree;
  readonly packages: readonly InstalledPackage[];
}

export interface ReportedLayer {
  readonly index: LayerIndex;
  /** Bytes of the blob as the store has it. */
  readonly blobSize: number;
  /** The instruction that made it. */
  readonly createdBy?: string;
}

export interface ImageReport {
  readonly image: ReportedImage;
  /** Bytes of the files that a container sees. */
  readonly bytes: number;
  readonly files: number;
  /** Bytes of the files of each layer, seen or not; lowest first. */
  readonly layerBytes: readonly number[];
  readonly waste: Waste;
  readonly folders: Folder;
  /** Largest first. */
  readonly largest: readonly Entry[];
  /** Largest first. */
  readonly packages: readonly SizedPackage[];
}

/** A difference to another image. */
export interface Comparison {
  readonly other: ImageReport;
  readonly files: readonly FileChange[];
  readonly config: readonly ConfigChange[];
}

/** Rows of a table; what is smaller is rarely looked for. */
const MOST_FILES = 50;

export function describeImage(image: ReportedImage): ImageReport {
  const entries = [...image.tree.walk()].filter(({ type, hardlink }) => type === "file" && hardlink === undefined);
  return {
    image,
    bytes: entries.reduce((sum, { size }) => sum + size, 0),
    files: image.tree.size - 1,
    layerBytes: image.layers.map(({ index }) => bytesOf(index)),
    waste: findWaste(image.layers.map(({ index }) => index)),
    folders: measureFolders(image.tree),
    largest: entries.toSorted((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1)).slice(0, MOST_FILES),
    packages: sizePackages(image.packages, image.tree),
  };
}

function bytesOf({ changes }: LayerIndex): number {
  return changes.reduce((sum, change) => sum + (isFile(change) ? change.size : 0), 0);
}

function isFile(change: LayerIndex["changes"][number]): change is Entry {
  return change.type === "file" && change.hardlink === undefined;
}
