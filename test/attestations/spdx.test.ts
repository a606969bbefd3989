import { expect, test } from "vitest";
import { spdx } from "../../attestations/index.js";
import type { InstalledPackage } from "../../packages/index.js";

const BASH: InstalledPackage = {
  type: "deb",
  name: "bash",
  version: "5.2-1",
  from: "var/lib/dpkg/status",
  architecture: "amd64",
  supplier: "Jane Doe <jane@example.com>",
};
const LEFT_PAD: InstalledPackage = {
  type: "npm",
  name: "@a/left-pad",
  version: "1.0.0",
  from: "app/node_modules/@a/left-pad/package.json",
  license: "(MIT OR Apache-2.0)",
};

interface Document {
  readonly packages: readonly (Record<string, unknown> & { readonly SPDXID: string })[];
  readonly relationships: readonly object[];
  readonly documentNamespace: string;
}

function documentOf(packages: readonly InstalledPackage[]): Document {
  const os = { id: "debian", version: "12" };
  return spdx({ name: "app:1 (linux/amd64)", packages, os, version: "1.0.0", created: "2026-01-02T03:04:05.678Z" })
    .content as Document;
}

/** https://spdx.github.io/spdx-spec/v2.3/package-information/ */
test("each package has its version, its supplier, its license and a package URL", () => {
  const { packages } = documentOf([BASH, LEFT_PAD]);
  expect(packages).toMatchObject([
    { SPDXID: "SPDXRef-Image", name: "app:1 (linux/amd64)", primaryPackagePurpose: "CONTAINER" },
    {
      name: "bash",
      versionInfo: "5.2-1",
      supplier: "Person: Jane Doe (jane@example.com)",
      licenseDeclared: "NOASSERTION",
      externalRefs: [{ referenceLocator: "pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12" }],
    },
    { name: "@a/left-pad", licenseDeclared: "(MIT OR Apache-2.0)", sourceInfo: `found in /${LEFT_PAD.from}` },
  ]);
  for (const { SPDXID } of packages) expect(SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
});

test("a license that SPDX has no name for is a comment", () => {
  const [, row] = documentOf([{ ...LEFT_PAD, license: "See LICENSE" }]).packages;
  expect(row).toMatchObject({ licenseDeclared: "NOASSERTION", licenseComments: "declared as: See LICENSE" });
});

test("the document describes the image, which contains the packages", () => {
  const { packages, relationships } = documentOf([BASH]);
  expect(relationships).toEqual([
    { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: "SPDXRef-Image" },
    { spdxElementId: "SPDXRef-Image", relationshipType: "CONTAINS", relatedSpdxElement: packages[1]!.SPDXID },
  ]);
});

test("the same packages give the same document, others another namespace", () => {
  expect(documentOf([BASH])).toEqual(documentOf([BASH]));
  expect(documentOf([BASH]).documentNamespace).not.toBe(documentOf([LEFT_PAD]).documentNamespace);
});
