// Keeps an index of a registry from being replaced by the one image of it that was pulled.

import { isAttestation } from "../attestations/index.js";
import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  formatFamiliar,
  formatPlatform,
  formatReference,
  hexOf,
  type ImageStore,
  type Index,
  isIndex,
  parseIndex,
  parseReference,
  readBlob,
  type Reference,
} from "../oci/index.js";
import type { Cancelable } from "./layers.js";

/** A pull takes one image of an index: to push it under the same name would lose the others. @throws usage, RegistryError */
export async function refuseOverIndex(
  store: Store,
  repository: ImageStore,
  reference: Reference,
  image: Descriptor,
  cancel: Cancelable,
): Promise<void> {
  const known = registryDigest(store, image, reference);
  if (isIndex(image.mediaType) || known === undefined || reference.tag === undefined) return;
  const there = await repository.resolve(reference.tag, cancel);
  if (!there || !isIndex(there.mediaType)) return;
  const index = parseIndex(await readBlob(repository, there, cancel));
  const isListed = index.manifests.some(({ digest }) => digest === image.digest);
  const origin = isListed || known === there.digest ? there : await repository.resolve(known, cancel);
  if (!origin || !isIndex(origin.mediaType)) return;
  throw wouldLose(reference, index, image);
}

/** The last digest by which the repository knows the image, from pulls and pushes. */
function registryDigest(store: Store, image: Descriptor, { registry, repository }: Reference): string | undefined {
  const known = (store.registryDigests.get(hexOf(image.digest)) ?? []).map(parseReference);
  return known.find((one) => one.registry === registry && one.repository === repository)?.digest;
}

function wouldLose(reference: Reference, { manifests }: Index, image: Descriptor): TsbuildError {
  const name = formatFamiliar(reference);
  const said = manifests.filter(isAttestation).length;
  const others = manifests.filter((entry) => !isAttestation(entry) && entry.digest !== image.digest);
  const platforms = others.map(({ platform, digest }) => (platform ? formatPlatform(platform) : digest));
  const own = manifests.find(({ digest }) => digest === image.digest)?.platform;
  const lost = [
    ...(platforms.length > 0 ? [platforms.join(", ")] : []),
    ...(said > 0 ? [`${said} attestation${said > 1 ? "s" : ""}`] : []),
  ].join(" and ");
  const alone = `--platform ${own ? formatPlatform(own) : "OS/ARCHITECTURE"}`;
  return new TsbuildError(
    "usage",
    `pushing one image to "${name}" would replace the index there${lost === "" ? "" : `, and lose ${lost}`}`,
    {
      hint: `Copy all of it with "tsbuild copy ${formatReference(reference)} TARGET", push under another tag, or push this image alone on purpose with ${alone}.`,
    },
  );
}
