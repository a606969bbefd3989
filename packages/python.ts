// Packages of Python: METADATA of wheels, PKG-INFO of eggs.
// https://packaging.python.org/en/latest/specifications/core-metadata/

import type { Entry } from "../filesystem/index.js";
import { parseFields, type PackageFiles, readText } from "./files.js";
import type { InstalledPackage } from "./package.js";

const METADATA = /(?:\.dist-info\/METADATA|\.egg-info\/PKG-INFO|\.egg-info|EGG-INFO\/PKG-INFO)$/;

export function isPythonMetadata({ path, type }: Entry): boolean {
  return type === "file" && METADATA.test(path);
}

export async function readPythonMetadata(files: PackageFiles, { path }: Entry): Promise<InstalledPackage | undefined> {
  const [header = ""] = ((await readText(files, path)) ?? "").replaceAll("\r\n", "\n").split("\n\n", 1);
  const fields = parseFields(header);
  const [name, version, supplier] = ["Name", "Version", "Author"].map((key) => fields.get(key));
  if (!name || !version) return undefined;
  const license = fields.get("License-Expression") ?? fields.get("License");
  return {
    type: "pypi",
    name,
    version,
    from: path,
    ...(license && !license.includes("\n") && license !== "UNKNOWN" && { license }),
    ...(supplier && supplier !== "UNKNOWN" && { supplier }),
  };
}
