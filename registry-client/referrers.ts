// Manifests that are about another one (signatures, attestations): the referrers API, and the tag that stands in for it.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers

import { type Descriptor, type Digest, type Index, MediaType, parseIndex, referrerOf, sha256 } from "../oci/index.js";
import type { RegistryResponse } from "./connection.js";
import { type Page, pagesOf } from "./pages.js";

/** What is asked of a repository. */
export interface ReferrersPlace {
  /** Undefined for 404. */
  readonly get: (target: string | URL) => Promise<RegistryResponse | undefined>;
  readonly referrersPath: (subject: Digest) => string;
  /** The index under a tag, or undefined. */
  readonly readIndex: (tag: string) => Promise<Index | undefined>;
  readonly putIndex: (index: Descriptor, bytes: Uint8Array, tag: string) => Promise<void>;
}

/** The tag that lists the referrers of `subject` where a registry has no API for them (S-208). */
export function referrersTag(subject: Digest): string {
  return subject.replace(":", "-");
}

/** All referrers of `subject`, or those of one artifact type. None is no error. */
export async function listReferrers(
  place: ReferrersPlace,
  subject: Digest,
  artifactType?: string,
): Promise<Descriptor[]> {
  const query = artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
  const found: Descriptor[] = [];
  let hasApi = false;
  for await (const page of pagesOf(place.referrersPath(subject) + query, place.get)) {
    hasApi = true;
    found.push(...parseIndex(page.bytes).manifests.filter((each) => isWanted(each, page, artifactType)));
  }
  if (hasApi) return found;
  const listed = (await place.readIndex(referrersTag(subject)))?.manifests ?? [];
  return listed.filter((each) => artifactType === undefined || each.artifactType === artifactType);
}

/** Registries may ignore the filter, and then do not say that they applied it. */
function isWanted(found: Descriptor, { response }: Page, artifactType: string | undefined): boolean {
  const applied = String(response.headers["oci-filters-applied"] ?? "").split(/,\s*/);
  return artifactType === undefined || applied.includes("artifactType") || found.artifactType === artifactType;
}

/** Adds a manifest to the list of its subject's referrers, where the registry does not keep one itself. */
export async function addReferrer(
  place: ReferrersPlace,
  subject: Digest,
  manifest: Descriptor,
  bytes: Uint8Array,
): Promise<void> {
  const tag = referrersTag(subject);
  const known = (await place.readIndex(tag))?.manifests ?? [];
  if (known.some(({ digest }) => digest === manifest.digest)) return;
  const manifests = [...known, referrerOf(manifest, bytes)];
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests }));
  await place.putIndex({ mediaType: MediaType.index, digest: sha256(index), size: index.length }, index, tag);
}
