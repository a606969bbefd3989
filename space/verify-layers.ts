// Layer indexes, and unpacked layers compared with them, file by file.

import { createHash } from "node:crypto";
import { createReadStream, readFileSync, readlinkSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { errorCode, type Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { unpackedNames } from "../executor/index.js";
import {
  contentDigest,
  decodeIndex,
  decodeName,
  type Entry,
  hostEntry,
  hostPath,
  type LayerChange,
  type LayerIndex,
  removeTree,
  statOf,
} from "../filesystem/index.js";
import { type Digest, hexOf } from "../oci/index.js";
import { entriesOf, namesIn } from "./blocks.js";
import { moveAway } from "./remove.js";
import { inodeOf, type Suspect } from "./suspect.js";

export async function wrongLayers(
  store: Store,
  signal: AbortSignal | undefined,
): Promise<{ readonly wrong: readonly Suspect[]; readonly checked: number }> {
  const wrong: Suspect[] = [];
  const names = namesIn(store.paths.layerIndexes);
  for (const name of names) {
    signal?.throwIfAborted();
    const path = join(store.paths.layerIndexes, name);
    const index = readIndex(path);
    const message = index && wrongIndex(index, name);
    if (message !== undefined) wrong.push(suspectIndex(store, path, message));
    else if (typeof index === "object") wrong.push(...(await wrongUnpacked(store, index)));
  }
  return { wrong, checked: names.length };
}

/** Undefined when it is gone: prune may be at work. */
function readIndex(path: string): LayerIndex | "damaged" | undefined {
  try {
    return decodeIndex(readFileSync(path));
  } catch (error) {
    if (error instanceof TsbuildError) return "damaged";
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function suspectIndex({ paths }: Store, path: string, message: string): Suspect {
  const isStillWrong = () => {
    const index = readIndex(path);
    return index !== undefined && wrongIndex(index, basename(path)) === message;
  };
  const drop = () => rmSync(path, { force: true });
  return { kind: "index", name: relative(paths.root, path), message, isStillWrong, drop };
}

function wrongIndex(index: LayerIndex | "damaged", name: string): string | undefined {
  if (index === "damaged") return "it cannot be read";
  if (hexOf(index.diffID) !== name) return `it is of ${index.diffID}`;
  if (contentDigest(index.changes) !== index.content) return "its entries are not those that its digest is of";
  return undefined;
}

/** A layer is unpacked once for each kind of ownership; only the exact one has owners and modes to compare. */
async function wrongUnpacked(store: Store, index: LayerIndex): Promise<readonly Suspect[]> {
  const { exact, others } = unpackedNames(index.diffID);
  const all: readonly (readonly [Digest, boolean])[] = [[exact, true], ...others.map((name) => [name, false] as const)];
  const found = all.map(async ([name, isExact]) => {
    const path = store.paths.layer(name);
    if (entriesOf(path).length === 0 && index.changes.length > 0 && statOrUndefined(path) === undefined) return [];
    const directory = inodeOf(path);
    const message = await wrongDirectory(path, index.changes, isExact);
    return message === undefined ? [] : [suspectDirectory(store, path, message, directory)];
  });
  return (await Promise.all(found)).flat();
}

async function wrongDirectory(
  root: string,
  changes: readonly LayerChange[],
  isExact: boolean,
): Promise<string | undefined> {
  if (statOrUndefined(root) === undefined) return undefined;
  for (const change of changes) {
    if (change.type === "whiteout" || change.type === "opaque" || change.path === "") continue;
    const message = await wrongEntry(root, change, isExact).catch(undefinedIfClosed);
    if (message !== undefined) return `"/${change.path}" ${message}`;
  }
  const extra = extraPath(root, changes);
  return extra === undefined ? undefined : `"/${extra}" is not of the layer`;
}

/** Modes of an image keep even the owner of its files out, who is no root: what cannot be looked at is not known to be wrong. */
function undefinedIfClosed(error: unknown): undefined {
  if (errorCode(error) !== "EACCES") throw error;
}

async function wrongEntry(root: string, entry: Entry, isExact: boolean): Promise<string | undefined> {
  const place = `${root}/${entry.path}`;
  const stat = statOrUndefined(place);
  if (!stat) return "is not there";
  const found = hostEntry(entry.path, place, stat, undefined);
  if (isExact && found?.type !== entry.type) return `is no ${entry.type}`;
  if (isExact && entry.type !== "symlink" && found?.mode !== entry.mode)
    return `has mode ${found?.mode.toString(8)} in place of ${entry.mode.toString(8)}`;
  if (isExact && (found?.uid !== entry.uid || found.gid !== entry.gid))
    return `is of ${found?.uid}:${found?.gid} in place of ${entry.uid}:${entry.gid}`;
  if (entry.type === "symlink" && found?.type === "symlink" && readTarget(place) !== entry.target)
    return "points elsewhere";
  if (entry.type !== "file" || found?.type !== "file") return undefined;
  return found.size === entry.size && (await hashOf(place)) === entry.digest ? undefined : "has another content";
}

/** A path that the layer does not say; marks of overlayfs are its whiteouts. */
function extraPath(root: string, changes: readonly LayerChange[]): string | undefined {
  const known = new Set(changes.flatMap(({ path }) => withParents(path)));
  const visit = (directory: string): string | undefined => {
    for (const entry of entriesOf(directory === "" ? root : `${root}/${directory}`)) {
      const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
      if (path.includes("\ufffd") || entry.isCharacterDevice()) continue; // names that are no UTF-8 are not looked up
      if (!known.has(path)) return path;
      const below = entry.isDirectory() ? visit(path) : undefined;
      if (below !== undefined) return below;
    }
    return undefined;
  };
  return visit("");
}

function withParents(path: string): string[] {
  const names = path.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function statOrUndefined(path: string) {
  try {
    return statOf(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

function readTarget(path: string): string {
  return decodeName(readlinkSync(hostPath(path), "buffer"));
}

async function hashOf(path: string): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(hostPath(path))) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest("hex")}`;
}

/** What is still where it was when it was looked at was not being removed meanwhile: that begins with a rename. */
function suspectDirectory(store: Store, path: string, message: string, directory: bigint | undefined): Suspect {
  const isStillWrong = () => inodeOf(path) === directory;
  const drop = () => {
    const staged: string[] = [];
    moveAway(store, path, staged);
    return () => staged.forEach(removeTree);
  };
  return { kind: "unpacked", name: relative(store.paths.root, path), message, isStillWrong, drop };
}
