// Trees as literals: `tree(dir, { bin: { sh: file("…", 0o755) }, l: symlink("bin/sh") })` makes files on disk,
// `entries({ … })` makes the same as data.

import { spawnSync } from "node:child_process";
import { chmodSync, linkSync, lutimesSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { compareNames, type Entry, encodeName, joinPath } from "../../filesystem/index.js";
import { sha256 } from "../../oci/index.js";

/** A string or bytes is a file 0644; a plain object is a directory 0755. */
export type Literal = string | Uint8Array | Special | TreeLiteral;

export interface TreeLiteral {
  readonly [name: string]: Literal;
}

/** Owned by 0:0 and dated 2001-09-09 unless it says otherwise. */
export interface Attributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
}

class Special {
  readonly kind: "file" | "directory" | "symlink" | "hardlink" | "fifo" | "character";
  readonly attributes: Attributes;
  readonly content: Uint8Array;
  readonly target: string;
  readonly children: TreeLiteral;
  readonly device: readonly [number, number];

  constructor(
    kind: Special["kind"],
    attributes: Attributes,
    rest: Partial<Pick<Special, "content" | "target" | "children" | "device">> = {},
  ) {
    this.kind = kind;
    this.attributes = attributes;
    this.content = rest.content ?? new Uint8Array();
    this.target = rest.target ?? "";
    this.children = rest.children ?? {};
    this.device = rest.device ?? [0, 0];
  }
}

const DEFAULT_MTIME = 1_000_000_000;

export function file(content: string | Uint8Array, attributes: number | Attributes = 0o644): Special {
  return new Special("file", attributesOf(attributes, 0o644), { content: Buffer.from(content) });
}

export function directory(children: TreeLiteral, attributes: number | Attributes = 0o755): Special {
  return new Special("directory", attributesOf(attributes, 0o755), { children });
}

export function symlink(target: string, attributes: Attributes = {}): Special {
  return new Special("symlink", { mode: 0o777, ...attributes }, { target });
}

/** `target` is a path from the root of the literal, and comes earlier in it. */
export function hardlink(target: string): Special {
  return new Special("hardlink", {}, { target });
}

export function fifo(attributes: number | Attributes = 0o644): Special {
  return new Special("fifo", attributesOf(attributes, 0o644));
}

/** A character device; 0/0 is overlayfs's whiteout. */
export function device(major: number, minor: number, attributes: number | Attributes = 0o600): Special {
  return new Special("character", attributesOf(attributes, 0o600), { device: [major, minor] });
}

/** Makes the files below `root`, which is made when it is missing. Returns `root`. */
export function tree(root: string, literal: TreeLiteral): string {
  mkdirSync(root, { recursive: true });
  for (const [name, value] of Object.entries(literal)) make(root, name, specialOf(value));
  return root;
}

/** The literal as entries, parents first, with digests; the root is not among them. */
export function entries(literal: TreeLiteral): Entry[] {
  const made = new Map<string, Entry>();
  describe("", literal, made);
  return [...made.values()];
}

function attributesOf(attributes: number | Attributes, mode: number): Attributes {
  return typeof attributes === "number" ? { mode: attributes } : { mode, ...attributes };
}

function specialOf(value: Literal): Special {
  if (value instanceof Special) return value;
  if (typeof value === "string" || value instanceof Uint8Array) return file(value);
  return directory(value);
}

function make(root: string, path: string, special: Special): void {
  const place = encodeName(`${root}/${path}`);
  if (special.kind === "hardlink") return linkSync(encodeName(`${root}/${special.target}`), place);
  if (special.kind === "file") writeFileSync(place, special.content);
  if (special.kind === "symlink") symlinkSync(encodeName(special.target), place);
  if (special.kind === "fifo") run("mkfifo", place.toString());
  if (special.kind === "character")
    run("mknod", place.toString(), "c", String(special.device[0]), String(special.device[1]));
  if (special.kind === "directory") mkdirSync(place);
  for (const [name, value] of Object.entries(special.children)) make(root, `${path}/${name}`, specialOf(value));
  setAttributes(place, special);
}

function setAttributes(place: Buffer, { kind, attributes }: Special): void {
  const { mode = 0o644, uid = 0, gid = 0, mtime = DEFAULT_MTIME } = attributes;
  if (process.getuid?.() === 0) lchownSync(place, uid, gid);
  if (kind !== "symlink") chmodSync(place, mode);
  lutimesSync(place, mtime, mtime);
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}

function describe(parent: string, literal: TreeLiteral, made: Map<string, Entry>): void {
  for (const name of Object.keys(literal).sort(compareNames)) {
    const path = joinPath(parent, name);
    const special = specialOf(literal[name]!);
    made.set(path, entryOf(path, special, made));
    describe(path, special.children, made);
  }
}

function entryOf(path: string, special: Special, made: Map<string, Entry>): Entry {
  const { kind, target, content } = special;
  if (kind === "hardlink") return { ...made.get(target)!, path, hardlink: target };
  const { mode = 0o644, uid = 0, gid = 0, mtime = DEFAULT_MTIME } = special.attributes;
  const size = content.length;
  const entry: Entry = { path, type: kind, mode, uid, gid, size, mtime, mtimeNs: 0 };
  if (kind === "file") return { ...entry, digest: sha256(content) };
  if (kind === "symlink") return { ...entry, target };
  if (kind === "character") return { ...entry, device: { major: special.device[0], minor: special.device[1] } };
  return entry;
}
