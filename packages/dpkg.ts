// Debian's packages: /var/lib/dpkg/status, and a file for each in distroless images.
// man 1 dpkg-query, https://wiki.debian.org/Teams/Dpkg/Spec

import { parseFields, type PackageFiles, readText } from "./files.js";
import type { InstalledPackage } from "./package.js";

const STATUS = "var/lib/dpkg/status";
const STATUS_DIRECTORY = "var/lib/dpkg/status.d";

export async function readDpkg(files: PackageFiles): Promise<InstalledPackage[]> {
  const found = paragraphs(await readText(files, STATUS), STATUS);
  for (const { path, type } of files.tree.children(files.tree.resolve(STATUS_DIRECTORY))) {
    if (type === "file" && !path.endsWith(".md5sums")) found.push(...paragraphs(await readText(files, path), path));
  }
  return found;
}

function paragraphs(text: string | undefined, from: string): InstalledPackage[] {
  return (text ?? "").split(/\n\n+/).flatMap((paragraph) => packageOf(parseFields(paragraph), from) ?? []);
}

/** Packages that were removed leave their configuration, and an entry. */
function packageOf(fields: ReadonlyMap<string, string>, from: string): InstalledPackage | undefined {
  const [name, version, status] = ["Package", "Version", "Status"].map((key) => fields.get(key));
  if (!name || !version || (status !== undefined && !status.endsWith(" installed"))) return undefined;
  const [architecture, supplier, kibibytes] = ["Architecture", "Maintainer", "Installed-Size"].map((k) =>
    fields.get(k),
  );
  const source = fields.get("Source")?.split(" ")[0];
  return {
    type: "deb",
    name,
    version,
    from,
    ...(architecture && { architecture }),
    ...(supplier && { supplier }),
    ...(kibibytes && /^\d+$/.test(kibibytes) && { size: Number(kibibytes) * 1024 }),
    ...(source && source !== name && { source }),
  };
}
