// Alpine's packages: /lib/apk/db/installed.
// https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2

import { parseFields, type PackageFiles, readText } from "./files.js";
import type { InstalledPackage } from "./package.js";

const PLACES = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

export async function readApk(files: PackageFiles): Promise<InstalledPackage[]> {
  for (const from of PLACES) {
    const text = await readText(files, from);
    if (text !== undefined)
      return text.split(/\n\n+/).flatMap((paragraph) => packageOf(parseFields(paragraph), from) ?? []);
  }
  return [];
}

/** P name, V version, A architecture, L license, m maintainer, I installed size, o origin. */
function packageOf(fields: ReadonlyMap<string, string>, from: string): InstalledPackage | undefined {
  const [name, version, architecture, license] = ["P", "V", "A", "L"].map((key) => fields.get(key));
  const [supplier, size, source] = ["m", "I", "o"].map((key) => fields.get(key));
  if (!name || !version) return undefined;
  return {
    type: "apk",
    name,
    version,
    from,
    ...(architecture && { architecture }),
    ...(license && { license }),
    ...(supplier && { supplier }),
    ...(size && /^\d+$/.test(size) && { size: Number(size) }),
    ...(source && source !== name && { source }),
  };
}
