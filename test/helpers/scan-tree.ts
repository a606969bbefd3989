// What a directory on disk holds, one line for each path, so that two trees can be compared by a plain diff.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Entry, FileTree } from "../../filesystem/index.js";

/** `path: type mode uid:gid content`, sorted, without the root itself and without times. */
export function scanTree(root: string): string[] {
  const capabilities = fileCapabilities(root);
  return [...walk(root, "")]
    .map((path) => `${path}: ${describeFile(join(root, path))}${capabilities.get(path) ?? ""}`)
    .sort();
}

/** The same lines for a tree of layer indexes. */
export function describeTree(tree: FileTree): string[] {
  return [...tree.walk("")]
    .filter(({ path }) => path !== "")
    .map((entry) => `${entry.path}: ${describeEntry(entry)}`)
    .sort();
}

/** The first 20 lines that only one of two scans has, so that a failure can be read. */
export function treeDifferences(found: readonly string[], expected: readonly string[]): string[] {
  const [has, should] = [new Set(found), new Set(expected)];
  const extra = found.filter((line) => !should.has(line)).map((line) => `found ${line}`);
  const missing = expected.filter((line) => !has.has(line)).map((line) => `missing ${line}`);
  return [...extra, ...missing].sort().slice(0, 20);
}

/** Links to directories are not followed. */
function* walk(root: string, folder: string): Generator<string> {
  for (const child of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, child.name);
    yield path;
    if (child.isDirectory()) yield* walk(root, path);
  }
}

function describeFile(path: string): string {
  const stats = lstatSync(path);
  const owner = `${stats.uid}:${stats.gid}`;
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isSymbolicLink()) return `symlink ${owner} -> ${readlinkSync(path)}`;
  if (!stats.isFile()) return `${typeOf(stats)} ${mode} ${owner}`;
  return `file ${mode} ${owner} sha256:${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}

function typeOf(stats: Stats): string {
  if (stats.isDirectory()) return "directory";
  if (stats.isFIFO()) return "fifo";
  return stats.isBlockDevice() ? "block" : "character";
}

function describeEntry(entry: Entry): string {
  const owner = `${entry.uid}:${entry.gid}`;
  const mode = entry.mode.toString(8);
  if (entry.type === "symlink") return `symlink ${owner} -> ${entry.target}`;
  if (entry.type !== "file") return `${entry.type} ${mode} ${owner}`;
  const capability = entry.xattrs?.get("security.capability");
  const suffix = capability ? ` capability ${Buffer.from(capability).toString("hex")}` : "";
  return `file ${mode} ${owner} ${entry.digest}${suffix}`;
}

function fileCapabilities(root: string): Map<string, string> {
  const args = ["--recursive", "--no-dereference", "--encoding=hex", "--match=^security\\.capability$", "--dump", "."];
  const dump = execFileSync("getfattr", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
  const found = dump.matchAll(/^# file: (.+)\nsecurity\.capability=0x(\w+)$/gm);
  return new Map([...found].map(([, path, value]) => [path!, ` capability ${value}`]));
}
