// What is different from another image.

import type { FileChange } from "../../images/index.js";
import type { Comparison, ImageReport } from "../model.js";
import type { SizedPackage } from "../package-sizes.js";
import { type Html, markup } from "./markup.js";
import { change, count, size } from "./numbers.js";
import { note, path, section, table, tile } from "./parts.js";

/** Rows of each table. */
const MOST = 100;

export function comparisonSection(report: ImageReport, { other, files, config }: Comparison): Html {
  const shared = report.image.layers.filter(({ index }) =>
    other.image.layers.some((layer) => layer.index.diffID === index.diffID),
  );
  return section(
    "comparison",
    `Against ${other.image.name}`,
    markup`<dl class="tiles">
      ${[
        tile("Files", change(report.bytes - other.bytes), `${size(other.bytes)} → ${size(report.bytes)}`),
        tile("Wasted", change(report.waste.bytes - other.waste.bytes)),
        tile("Shared layers", `${shared.length} of ${report.image.layers.length}`),
        tile("Changed files", files.length.toLocaleString("en")),
      ]}
    </dl>`,
    filesTable(files),
    packagesTable(other.packages, report.packages),
    config.length > 0 && markup`<h3>Config</h3>`,
    config.length > 0 &&
      table(
        [{ title: "Key" }, { title: "Before" }, { title: "After" }],
        config.map(({ key, a, b }) => [key, valueOf(a), valueOf(b)]),
      ),
  );
}

function filesTable(files: readonly FileChange[]): Html {
  if (files.length === 0) return markup`${note("No file differs.")}`;
  const weight = ({ sizes: [before, after] }: FileChange) => Math.abs(after - before);
  const rows = files
    .toSorted((a, b) => weight(b) - weight(a))
    .slice(0, MOST)
    .map(({ path: place, kind, aspects, sizes: [before, after] }) => [
      path(place),
      kindOf(kind, aspects.join(", ")),
      change(after - before),
    ]);
  const columns = [{ title: "Path" }, { title: "What" }, { title: "Bytes", isNumber: true }];
  const more = files.length > MOST && note(`and ${count(files.length - MOST, "smaller change")}`);
  return markup`<h3>Files</h3>
    ${table(columns, rows)}${more}`;
}

function kindOf(kind: FileChange["kind"], aspects: string): Html {
  return kind === "changed" ? markup`changed: ${aspects}` : markup`<span class="${kind}">${kind}</span>`;
}

function packagesTable(before: readonly SizedPackage[], after: readonly SizedPackage[]): Html | false {
  const [old, current] = [versions(before), versions(after)];
  const names = [...new Set([...old.keys(), ...current.keys()])].sort();
  const rows = names
    .filter((name) => old.get(name) !== current.get(name))
    .map((name) => [name, old.get(name) ?? "", current.get(name) ?? ""]);
  if (rows.length === 0) return false;
  const more = rows.length > MOST && note(`and ${count(rows.length - MOST, "package")} more`);
  const columns = [{ title: "Package" }, { title: "Before" }, { title: "After" }];
  return markup`<h3>Packages</h3>
    ${table(columns, rows.slice(0, MOST))}${more}`;
}

/** All versions of a package that is there several times. */
function versions(packages: readonly SizedPackage[]): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>();
  for (const { type, name, version } of packages) {
    const key = `${type}: ${name}`;
    found.set(key, (found.get(key) ?? new Set()).add(version));
  }
  return new Map([...found].map(([key, all]) => [key, [...all].sort().join(", ")]));
}

function valueOf(value: unknown): Html {
  return value === undefined ? markup`<span class="note">none</span>` : markup`<code>${JSON.stringify(value)}</code>`;
}
