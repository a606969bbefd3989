// How two images differ: files, and config.

import type { Store } from "../cache/index.js";
import { compareNames, type Entry, type FileTree } from "../filesystem/index.js";
import type { ImageConfig } from "../oci/index.js";
import { found, type ImageWord, textOf } from "./find.js";
import type { PlatformChoice } from "./inspect.js";
import { type Cancelable, readFiles, withIntactBlobs } from "./layers.js";
import { chooseImage } from "./root.js";

/** What of a file differs. */
export type FileAspect = "type" | "content" | "mode" | "owner" | "target" | "xattrs" | "device";

export interface FileChange {
  /** Without a leading "/". */
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  /** Empty unless changed. */
  readonly aspects: readonly FileAspect[];
  /** Bytes of content in the two images; 0 where the file is not. */
  readonly sizes: readonly [a: number, b: number];
  readonly a?: Entry;
  readonly b?: Entry;
}

export interface ConfigChange {
  /** `Env.PATH`, `Cmd`, `Labels.version`, `architecture` */
  readonly key: string;
  /** Absent where the image has no such key. */
  readonly a?: unknown;
  readonly b?: unknown;
}

export interface ImageDiff {
  /** By path. Times of files do not count. */
  readonly files: readonly FileChange[];
  /** By key. Times, history and layers do not count. */
  readonly config: readonly ConfigChange[];
  /** Bytes of all files of the two images. */
  readonly sizes: readonly [a: number, b: number];
}

/** @throws image_not_found, platform_not_found, blob_not_found */
export async function diffImages(
  store: Store,
  [first, second]: readonly [a: ImageWord, b: ImageWord],
  options: PlatformChoice & Cancelable = {},
): Promise<ImageDiff> {
  const [a, b] = [await open(store, first, options), await open(store, second, options)];
  return {
    files: diffTrees(a.tree, b.tree),
    config: diffConfigs(a.config, b.config),
    sizes: [bytesOf(a.tree), bytesOf(b.tree)],
  };
}

async function open(store: Store, word: ImageWord, { platform, ...options }: PlatformChoice & Cancelable) {
  const { descriptor } = await found(store, word);
  return withIntactBlobs(textOf(word), async () => {
    const image = await chooseImage(store, descriptor, platform);
    const { tree } = await readFiles(store, image, options);
    return { tree, config: image.config };
  });
}

/** By path. */
export function diffTrees(a: FileTree, b: FileTree): readonly FileChange[] {
  const changes: FileChange[] = [];
  for (const entry of a.walk()) {
    const other = b.get(entry.path);
    const aspects = other ? differences(entry, other) : [];
    if (!other) changes.push({ path: entry.path, kind: "removed", aspects, sizes: [entry.size, 0], a: entry });
    else if (aspects.length > 0)
      changes.push({ path: entry.path, kind: "changed", aspects, sizes: [entry.size, other.size], a: entry, b: other });
  }
  for (const entry of b.walk()) {
    if (a.get(entry.path)) continue;
    changes.push({ path: entry.path, kind: "added", aspects: [], sizes: [0, entry.size], b: entry });
  }
  return changes.sort((one, other) => compareNames(one.path, other.path));
}

function differences(a: Entry, b: Entry): FileAspect[] {
  if (a.type !== b.type) return ["type"];
  const found: readonly (readonly [FileAspect, boolean])[] = [
    ["content", a.digest !== b.digest || a.size !== b.size],
    ["target", a.target !== b.target],
    ["device", a.device?.major !== b.device?.major || a.device?.minor !== b.device?.minor],
    ["mode", a.mode !== b.mode],
    ["owner", a.uid !== b.uid || a.gid !== b.gid],
    ["xattrs", !sameXattrs(a, b)],
  ];
  return found.flatMap(([aspect, differs]) => (differs ? [aspect] : []));
}

function sameXattrs({ xattrs: a = new Map() }: Entry, { xattrs: b = new Map() }: Entry): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.has(name) && Buffer.compare(value, b.get(name)!) === 0);
}

function bytesOf(tree: FileTree): number {
  let bytes = 0;
  for (const entry of tree.walk()) if (entry.hardlink === undefined) bytes += entry.size;
  return bytes;
}

/** By key. */
export function diffConfigs(a: ImageConfig, b: ImageConfig): readonly ConfigChange[] {
  const [first, second] = [flatten(a), flatten(b)];
  const keys = [...new Set([...first.keys(), ...second.keys()])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [first.get(key), second.get(key)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ key, ...(was !== undefined && { a: was }), ...(is !== undefined && { b: is }) }];
  });
}

/** Variables, labels, ports and volumes by name, all else as it is. */
function flatten({ config, architecture, os, variant, author }: ImageConfig): ReadonlyMap<string, unknown> {
  const { Env = [], Labels = {}, ExposedPorts = {}, Volumes = {}, ...others } = config;
  const variables = Env.map((text) => [text.split("=", 1)[0]!, text.slice(text.indexOf("=") + 1)] as const);
  const below = (prefix: string, fields: Iterable<readonly [string, unknown]>) =>
    [...fields].map(([name, value]) => [`${prefix}.${name}`, value] as const);
  const present = Object.entries({ architecture, os, variant, author, ...others }).filter(([, value]) => isSet(value));
  return new Map<string, unknown>([
    ...present,
    ...below("Env", variables),
    ...below("Labels", Object.entries(Labels)),
    ...below("ExposedPorts", Object.entries(ExposedPorts)),
    ...below("Volumes", Object.entries(Volumes)),
  ]);
}

/** "" , null and [] mean the same as nothing. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}
