// All packages of an image: one walk over its files, and the lists that package managers keep.

import type { Entry } from "../filesystem/index.js";
import { readApk } from "./apk.js";
import { readDpkg } from "./dpkg.js";
import { type PackageFiles, readText } from "./files.js";
import { mayBeGoProgram, readGoProgram } from "./go.js";
import { isNpmManifest, readNpmManifest } from "./npm.js";
import type { InstalledPackage, OsRelease } from "./package.js";
import { isPythonMetadata, readPythonMetadata } from "./python.js";

/** Sorted by type, name, version and place. What is no package, or is damaged, is left out. */
export async function readPackages(files: PackageFiles): Promise<InstalledPackage[]> {
  const found = [...(await readDpkg(files)), ...(await readApk(files))];
  for (const entry of files.tree.walk()) found.push(...(await packagesOf(files, entry)));
  const keyed = found.map((one) => [JSON.stringify([one.type, one.name, one.version, one.from]), one] as const);
  return [...new Map(keyed)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

async function packagesOf(files: PackageFiles, entry: Entry): Promise<InstalledPackage[]> {
  if (isNpmManifest(entry)) return one(await readNpmManifest(files, entry));
  if (isPythonMetadata(entry)) return one(await readPythonMetadata(files, entry));
  return mayBeGoProgram(entry) ? readGoProgram(files, entry) : [];
}

const one = (found: InstalledPackage | undefined): InstalledPackage[] => (found ? [found] : []);

/** https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
export async function readOsRelease(files: PackageFiles): Promise<OsRelease | undefined> {
  const text = (await readText(files, "etc/os-release")) ?? (await readText(files, "usr/lib/os-release"));
  const lines = (text ?? "").split("\n").map((line) => /^(\w+)=(["']?)(.*)\2$/.exec(line));
  const values = new Map(lines.flatMap((match) => (match ? [[match[1]!, match[3]!] as const] : [])));
  const [id, version] = [values.get("ID"), values.get("VERSION_ID")];
  return id ? { id, ...(version && { version }) } : undefined;
}
