// Packages of Node: package.json of each directory below a node_modules.
// https://docs.npmjs.com/cli/configuring-npm/package-json

import type { Entry } from "../filesystem/index.js";
import { type PackageFiles, readText } from "./files.js";
import type { InstalledPackage } from "./package.js";

const MANIFEST = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/;

export function isNpmManifest({ path, type }: Entry): boolean {
  return type === "file" && MANIFEST.test(path);
}

/** Undefined for a file that is no manifest of a package: some packages have others of the name. */
export async function readNpmManifest(files: PackageFiles, { path }: Entry): Promise<InstalledPackage | undefined> {
  const { name, version, license } = parseObject((await readText(files, path)) ?? "");
  if (typeof name !== "string" || typeof version !== "string" || name === "" || version === "") return undefined;
  return { type: "npm", name, version, from: path, ...(typeof license === "string" && license !== "" && { license }) };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {}; // whatever is below node_modules: much of it are fixtures of tests
  }
}
