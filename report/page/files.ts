// Where the bytes are: folders, files, packages.

import type { Folder } from "../folders.js";
import type { ImageReport } from "../model.js";
import type { SizedPackage } from "../package-sizes.js";
import { type Html, markup } from "./markup.js";
import { count, share, size } from "./numbers.js";
import { bar, note, path, section, table } from "./parts.js";

export function foldersSection({ folders }: ImageReport): Html {
  const items = folders.folders.map((folder) => folderItem(folder, folders.bytes));
  return section(
    "folders",
    "Folders",
    markup`<div class="folders">
      <ul>
        ${items}
      </ul>
    </div>`,
    note(`${size(folders.bytes)} in ${count(folders.files, "file")}; what is less than 0.5 % is left out.`),
  );
}

function folderItem({ path: place, bytes, files, folders }: Folder, whole: number): Html {
  const row = markup`<span class="row">
    <span class="size">${size(bytes)}</span>
    ${bar(bytes, whole)} ${path(place)}
    <span class="note">${share(bytes, whole)}, ${count(files, "file")}</span>
  </span>`;
  if (folders.length === 0) return markup`<li>${row}</li>`;
  return markup`<li>
    <details>
      <summary>${row}</summary>
      <ul>
        ${folders.map((folder) => folderItem(folder, whole))}
      </ul>
    </details>
  </li>`;
}

export function filesSection({ largest, image }: ImageReport): Html {
  const order = new Map(image.layers.map(({ index }, position) => [index.diffID, position + 1]));
  const most = largest[0]?.size ?? 0;
  const rows = largest.map((entry) => [
    path(entry.path),
    size(entry.size),
    bar(entry.size, most),
    order.get(image.tree.layerOf(entry.path)!) ?? "",
  ]);
  const columns = [
    { title: "Path" },
    { title: "Size", isNumber: true },
    { title: "" },
    { title: "Layer", isNumber: true },
  ];
  return section("files", "Largest files", rows.length > 0 ? table(columns, rows) : note("There is no file."));
}

/** Rows of the table. */
const MOST = 50;

const KINDS: Readonly<Record<SizedPackage["type"], string>> = {
  deb: "Debian",
  rpm: "RPM",
  apk: "Alpine",
  npm: "npm",
  pypi: "Python",
  golang: "Go",
};

export function packagesSection({ packages }: ImageReport): Html {
  if (packages.length === 0)
    return section("packages", "Packages", note("No package manager has left a list: dpkg, apk, npm, pip, Go."));
  const types = [...new Set(packages.map(({ type }) => type))];
  const sums = types.map((type) => {
    const own = packages.filter((one) => one.type === type);
    return `${KINDS[type]}: ${count(own.length, "package")}, ${size(own.reduce((sum, one) => sum + one.size, 0))}`;
  });
  const rows = packages
    .slice(0, MOST)
    .map((one) => [
      one.name,
      one.version,
      KINDS[one.type],
      one.size === 0 ? "" : size(one.size),
      bar(one.size, packages[0]!.size),
    ]);
  const columns = [
    { title: "Package" },
    { title: "Version" },
    { title: "From" },
    { title: "Size", isNumber: true },
    { title: "" },
  ];
  return section(
    "packages",
    "Packages",
    note(sums.join("; ")),
    table(columns, rows),
    packages.length > MOST && note(`and ${count(packages.length - MOST, "smaller package")}`),
  );
}
