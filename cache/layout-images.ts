// The images that a layout lists, without what is about them: signatures, attestations and lists of components.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md#indexjson-file

import { statSync } from "node:fs";
import { join } from "node:path";
import { TsbuildError } from "../errors.js";
import { type Descriptor, isIndex, isManifest, readBlob, subjectOf } from "../oci/index.js";
import { REF_NAME } from "./images.js";
import type { Layout } from "./layout.js";

/** Where cosign keeps what is about a manifest, and where a registry without a list of referrers has them. */
const TAG_ABOUT = /^sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/;

/** Of signatures: Notation, cosign and sigstore. */
const SIGNATURE_TYPE =
  /^application\/vnd\.(?:cncf\.notary\.signature|dev\.cosign\.(?:artifact|simplesigning)|dev\.sigstore\.)/;

/**
 * What may be meant where no image is named. A single manifest is always meant, whatever it is.
 * @throws image_not_found when there is no layout; what `readBlob` throws
 */
export async function imagesOfLayout(layout: Layout): Promise<readonly Descriptor[]> {
  expectLayout(layout.root);
  const listed = layout.names.manifests();
  if (listed.length < 2) return listed;
  const images = await Promise.all(listed.map(async (one) => ((await isAbout(one, layout)) ? [] : [one])));
  return images.flat();
}

/** What cannot be looked at is left to whoever reads it. @throws image_not_found when there is no layout in the directory */
export function expectLayout(directory: string): void {
  const lacks = lackOf(directory);
  if (lacks === undefined) return;
  throw new TsbuildError("image_not_found", `no image layout "${directory}": ${lacks}`, {
    hint: "Check the path: it is to be the directory of an OCI image layout.",
  });
}

function lackOf(directory: string): string | undefined {
  try {
    const found = statSync(directory, { throwIfNoEntry: false });
    if (found === undefined) return "there is no such directory";
    if (!found.isDirectory()) return "it is no directory";
    return statSync(join(directory, "index.json"), { throwIfNoEntry: false }) ? undefined : "it has no index.json";
  } catch {
    return undefined;
  }
}

async function isAbout(listed: Descriptor, layout: Layout): Promise<boolean> {
  if (TAG_ABOUT.test(listed.annotations?.[REF_NAME] ?? "")) return true;
  if (SIGNATURE_TYPE.test(listed.artifactType ?? "")) return true;
  if (!isManifest(listed.mediaType) && !isIndex(listed.mediaType)) return false;
  return (await layout.has(listed)) && subjectOf(listed, await readBlob(layout, listed)) !== undefined;
}
