// The directory of a cache mount: `data`, `lock`, and `mount.json`, which says whose it is.

import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { canonicalJson, hexOf, sha256 } from "../oci/index.js";
import { errorCode, readIfPresent, writeFileAtomic } from "./files.js";
import type { StorePaths } from "./paths.js";

/** What makes two cache mounts the same one: owner and mode apply when the directory is made. */
export interface CacheMountIdentity {
  readonly id: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface CacheMountDirectory extends CacheMountIdentity {
  /** 64 hex digits. */
  readonly key: string;
  readonly directory: string;
  /** The content. */
  readonly data: string;
  /** One of several that `sharing=private` made, beside the first. */
  readonly isCopy: boolean;
}

/** The name of its directory, in hex. */
export function cacheMountKey({ id, mode, uid, gid }: CacheMountIdentity): string {
  return hexOf(sha256(canonicalJson({ id, mode, uid, gid })));
}

/** Says whose a directory is, for those who list and save mounts. */
export function describeCacheMount(directory: string, { id, mode, uid, gid }: CacheMountIdentity): void {
  const path = join(directory, "mount.json");
  if (!existsSync(path)) writeFileAtomic(path, JSON.stringify({ id, mode, uid, gid }));
}

/** All that have content and say whose they are. */
export function cacheMounts(paths: StorePaths): CacheMountDirectory[] {
  const parent = dirname(paths.cacheMount("name"));
  return namesIn(parent).flatMap((name) => readMount(join(parent, name)) ?? []);
}

function readMount(directory: string): CacheMountDirectory | undefined {
  const bytes = readIfPresent(join(directory, "mount.json"));
  const data = join(directory, "data");
  if (!bytes || !existsSync(data)) return undefined;
  const identity = parseIdentity(bytes.toString("utf8"));
  const [key = "", copy] = basename(directory).split("-");
  if (!identity || cacheMountKey(identity) !== key) return undefined;
  return { ...identity, key, directory, data, isCopy: copy !== undefined };
}

function parseIdentity(text: string): CacheMountIdentity | undefined {
  try {
    const { id, mode, uid, gid } = JSON.parse(text) as CacheMountIdentity;
    return { id, mode, uid, gid };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
