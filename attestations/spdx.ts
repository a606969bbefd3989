// The software of an image, as an SPDX document.
// https://spdx.github.io/spdx-spec/v2.3/

import { sha256, hexOf } from "../oci/index.js";
import { type InstalledPackage, type OsRelease, packageUrl } from "../packages/index.js";
import { type Predicate, PredicateType } from "./statement.js";

export interface SpdxFacts {
  /** `app:1 (linux/amd64)`: what the document is of. */
  readonly name: string;
  readonly packages: readonly InstalledPackage[];
  readonly os?: OsRelease | undefined;
  /** `1.0.0`: tsbuild's own. */
  readonly version: string;
  /** RFC 3339, whole seconds. */
  readonly created: string;
}

const ROOT = "SPDXRef-Image";

/** The same packages make the same document, whatever the order that they were found in. */
export function spdx({ name, packages, os, version, created }: SpdxFacts): Predicate {
  const rows = packages.map((found) => spdxPackage(found, os));
  const unique = [...new Map(rows.map((row) => [row.SPDXID, row])).values()];
  const content = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name,
    documentNamespace: `urn:tsbuild:sbom:${hexOf(sha256(JSON.stringify([name, unique])))}`,
    creationInfo: { created: wholeSeconds(created), creators: [`Tool: tsbuild-${version}`] },
    packages: [image(name), ...unique],
    relationships: [
      relationship("SPDXRef-DOCUMENT", "DESCRIBES", ROOT),
      ...unique.map(({ SPDXID }) => relationship(ROOT, "CONTAINS", SPDXID)),
    ],
  };
  return { type: PredicateType.sbom, content };
}

type SpdxPackage = Readonly<Record<string, unknown>> & { readonly SPDXID: string };

function image(name: string): SpdxPackage {
  return {
    SPDXID: ROOT,
    name,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: "CONTAINER",
    ...COPYRIGHT,
  };
}

const COPYRIGHT = {
  licenseConcluded: "NOASSERTION",
  copyrightText: "NOASSERTION",
} as const;

function spdxPackage(found: InstalledPackage, os: OsRelease | undefined): SpdxPackage {
  const { type, name, version, from, license, supplier } = found;
  const url = packageUrl(found, os);
  return {
    SPDXID: `SPDXRef-Package-${type}-${idWord(name)}-${hexOf(sha256(`${url} ${from}`)).slice(0, 16)}`,
    name,
    versionInfo: version,
    supplier: supplier === undefined ? "NOASSERTION" : supplierOf(supplier),
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    sourceInfo: `found in /${from}`,
    licenseDeclared: license !== undefined && isExpression(license) ? license : "NOASSERTION",
    ...(license !== undefined && !isExpression(license) && { licenseComments: `declared as: ${license}` }),
    ...COPYRIGHT,
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: url }],
  };
}

/** `Person: Jane Doe (jane@example.com)` */
function supplierOf(text: string): string {
  const [, name = "", mail] = /^(.*?)(?:\s*<([^>]*)>)?$/s.exec(text.split("\n")[0]!) ?? [];
  if (name.trim() === "") return "NOASSERTION";
  const kind = /\b(?:team|maintainers|developers|group|project)\b/i.test(name) ? "Organization" : "Person";
  return `${kind}: ${name.trim()}${mail === undefined ? "" : ` (${mail})`}`;
}

/** Licenses by their SPDX names: other words are comments, because a document may not have names that nobody knows. */
function isExpression(license: string): boolean {
  const words = license.split(/[\s()]+/).filter((word) => word !== "" && !/^(?:AND|OR|WITH)$/.test(word));
  return words.length > 0 && words.every((word) => KNOWN_LICENSES.has(word));
}

/** The names that package managers use most, of https://spdx.org/licenses/. */
const KNOWN_LICENSES = new Set(
  [
    "0BSD AFL-2.1 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-2.0 BlueOak-1.0.0 BSD-1-Clause",
    "BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-4-Clause BSL-1.0 CC-BY-3.0 CC-BY-4.0 CC0-1.0 CDDL-1.0 EPL-1.0 EPL-2.0",
    "FTL GPL-1.0-only GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ICU IJG ISC LGPL-2.0-only",
    "LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later Libpng MIT MIT-0 MPL-1.1 MPL-2.0 MS-PL",
    "NCSA OFL-1.1 OpenSSL PHP-3.01 PostgreSQL PSF-2.0 Python-2.0 Ruby Sleepycat SSPL-1.0 TCL Unicode-3.0 Unicode-DFS-2016 Unlicense",
    "UPL-1.0 Vim W3C WTFPL X11 Zlib ZPL-2.1 curl zlib-acknowledgement GCC-exception-3.1 Classpath-exception-2.0 LLVM-exception",
  ].flatMap((line) => line.split(" ")),
);

function relationship(from: string, relationshipType: string, to: string): object {
  return { spdxElementId: from, relationshipType, relatedSpdxElement: to };
}

/** Ids have letters, digits, dots and dashes only. */
function idWord(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9.]+/g, "-");
}

function wholeSeconds(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
