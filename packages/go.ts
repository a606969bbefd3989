// Modules of Go programs, from what the linker writes into each of them.
// https://pkg.go.dev/debug/buildinfo

import type { Entry } from "../filesystem/index.js";
import { sectionOrData } from "./elf.js";
import type { PackageFiles } from "./files.js";
import type { InstalledPackage } from "./package.js";

/** No Go program is smaller. */
const SMALLEST = 300_000;
const MAGIC = Buffer.from("\xff Go buildinf:", "latin1");
const ALIGNMENT = 16;
const HEADER = 32;
/** The strings follow the header, whatever the pointer size: since Go 1.18. */
const INLINE = 2;
/** Marks around the list of modules: 16 bytes at each end. */
const SENTINEL = 16;
/** The list of modules of the largest programs has some 100 KiB. */
const PIECE = 1 << 20;

export function mayBeGoProgram({ type, mode, size, hardlink }: Entry): boolean {
  return type === "file" && (mode & 0o111) !== 0 && size >= SMALLEST && hardlink === undefined;
}

/** The program's own module, those that it is made from, and the standard library. Nothing for other programs. */
export async function readGoProgram(files: PackageFiles, entry: Entry): Promise<InstalledPackage[]> {
  const piece = await sectionOrData(files, entry, ".go.buildinfo");
  if (!piece) return [];
  const bytes = Buffer.from(await files.read(entry, { start: piece.start, length: Math.min(piece.length, PIECE) }));
  const info = findHeader(bytes);
  if (info === undefined || ((bytes[info + 15] ?? 0) & INLINE) === 0) return [];
  const version = takeString(bytes, info + HEADER);
  const modules = version && takeString(bytes, version.end);
  if (!version || !modules) return [];
  const library = moduleOf("stdlib", version.text.replace(/^go/, ""), entry);
  return [library, ...parseModules(modules.text.slice(SENTINEL, -SENTINEL), entry)];
}

function findHeader(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    if (at % ALIGNMENT === 0 && at + HEADER <= bytes.length) return at;
  }
  return undefined;
}

/** A length in base 128, least digits first, and as many bytes. */
function takeString(bytes: Buffer, start: number): { readonly text: string; readonly end: number } | undefined {
  let length = 0;
  let at = start;
  for (let shift = 0; shift < 28; shift += 7) {
    const digit = bytes[at++];
    if (digit === undefined) return undefined;
    length |= (digit & 0x7f) << shift;
    if (digit < 0x80) break;
  }
  const end = at + length;
  return end > bytes.length ? undefined : { text: bytes.toString("latin1", at, end), end };
}

/** Lines of words between tabs: `mod` and `dep` with path and version; `=>` replaces the one before. */
function parseModules(text: string, entry: Entry): InstalledPackage[] {
  const modules: InstalledPackage[] = [];
  for (const line of text.split("\n")) {
    const [kind, path, version] = line.split("\t");
    if (!path) continue;
    if (kind === "=>") modules.pop();
    if (kind === "mod" || kind === "dep" || kind === "=>") modules.push(moduleOf(path, version || "(devel)", entry));
  }
  return modules;
}

function moduleOf(name: string, version: string, { path }: Entry): InstalledPackage {
  return { type: "golang", name, version, from: path };
}
