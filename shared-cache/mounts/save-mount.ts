// Saves one mount of the store: looks whether it changed, packs it, sends what is new.

import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createHash } from "node:crypto";
import {
  type CacheMountDirectory,
  errorCode,
  type Store,
  stagedName,
  tryLock,
  writeFileAtomic,
} from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { ownership } from "../../executor/index.js";
import { FileTree, type LayerIndex, packDirectory } from "../../filesystem/index.js";
import type { PlaceOptions } from "../place.js";
import type { MountsIndex } from "./format.js";
import { type MountsPlace, readMounts, writeMounts } from "./place.js";
import { saveTar } from "./save.js";

/** Bytes of a mount that is saved, when nobody says more. */
export const LARGEST_MOUNT = 2 * 1024 ** 3;

export interface SaveMountOptions extends PlaceOptions {
  /** Throws when the tar of a mount must not leave this machine. @default each may */
  readonly inspect?: InspectTar;
}

export type InspectTar = (tar: string, index: LayerIndex) => Promise<void>;

export interface PlacedTarget {
  readonly place: MountsPlace;
  /** Bytes: larger mounts stay here. */
  readonly maxSize: number;
}

/**
 * @returns what was done, for people: `unchanged`, `1200 bytes sent`
 * @throws limit_exceeded when it is larger than it may be, bad_mount when a step uses it now, and what the place throws
 */
export async function saveMount(
  mount: CacheMountDirectory,
  target: PlacedTarget,
  store: Store,
  options: SaveMountOptions,
): Promise<string> {
  const lock = tryLock(join(mount.directory, "lock"));
  if (!lock)
    throw new TsbuildError("bad_mount", "another build uses it now", { hint: "Try again when that build is done." });
  try {
    return await saveLocked(mount, target, store, options);
  } finally {
    lock.release();
  }
}

async function saveLocked(
  mount: CacheMountDirectory,
  { place, maxSize }: PlacedTarget,
  store: Store,
  options: SaveMountOptions,
): Promise<string> {
  const { fingerprint, size } = look(mount.data);
  if (size > maxSize)
    throw new TsbuildError("limit_exceeded", `it has ${size} bytes, and max-size is ${maxSize}`, {
      hint: "Raise max-size=, or let the step remove what it needs no more.",
    });
  const note = join(mount.directory, "saved.json");
  const said = JSON.stringify({ place: place.name, fingerprint });
  if (readNote(note) === said) return "unchanged";
  const sent = await sendNew(mount, { place, maxSize }, store, options);
  writeFileAtomic(note, said);
  return sent === undefined ? "unchanged" : `${sent} bytes sent`;
}

/** @returns the bytes that travelled; undefined when the place has just this tar */
async function sendNew(
  { key, id, mode, uid, gid, data }: CacheMountDirectory,
  { place }: PlacedTarget,
  store: Store,
  options: SaveMountOptions,
): Promise<number | undefined> {
  const tar = stagedName(join(store.scratch(), "mount.tar"));
  try {
    const owner = ownership() === "recorded" ? { owner: { uid, gid } } : {}; // where the disk cannot have owners
    const { inspect, ...placeOptions } = options;
    const index = await packDirectory(data, FileTree.empty, { output: tar, ...owner, ...placeOptions });
    await inspect?.(tar, index);
    const known = (await readMounts(place, options)) ?? emptyIndex(place.scope);
    if (known.mounts.some((one) => one.key === key && one.tar === index.diffID)) return undefined;
    const name = { key, id, mode, uid, gid, saved: new Date().toISOString() };
    const saved = await saveTar(tar, name, known, await place.open(), options);
    await writeMounts(place, saved.index);
    return saved.sent;
  } finally {
    rmSync(tar, { force: true });
  }
}

function emptyIndex(scope: string): MountsIndex {
  return { version: 1, scope, packs: [], mounts: [] };
}

function readNote(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** What tells whether anything below changed, without reading it; and how much there is. */
export function look(root: string): { readonly fingerprint: string; readonly size: number } {
  const hash = createHash("sha256");
  let size = 0;
  const visit = (path: Buffer): void => {
    const found = lstatSync(path);
    const { mode, uid, gid, ino, mtimeMs, ctimeMs } = found;
    hash.update(path).update(JSON.stringify([mode, uid, gid, ino, found.size, mtimeMs, ctimeMs]));
    if (found.isFile()) size += found.size;
    if (!found.isDirectory()) return;
    const names = readdirSync(path, { encoding: "buffer" }).sort((a, b) => a.compare(b));
    for (const name of names) visit(Buffer.concat([path, Buffer.from("/"), name]));
  };
  visit(Buffer.from(root));
  return { fingerprint: hash.digest("hex"), size };
}
