// The names that an image has in an output.

import { type Digest, formatReference, parseReference, type Reference } from "../oci/index.js";
import { type ImageSpec, isPushed, isPushedByDigest, type OutputSpec, writesImage } from "./output.js";

/** Its own, when it has some; else the tags of the build. Each once. @throws bad_reference */
export function namesOf({ names }: Pick<ImageSpec, "names">, tags: readonly Reference[]): Reference[] {
  const all = names && names.length > 0 ? names.map(parseReference) : tags;
  return [...new Map(all.map((name) => [formatReference(name), name])).values()];
}

/**
 * All names that the image has when the output is written, in full: an image that is pushed by its digest has no tag.
 * @param names as `namesOf` gives them
 * @throws bad_reference
 */
export function namesWith(output: ImageSpec, names: readonly Reference[], digest: Digest): string[] {
  const byDigest = [
    ...new Set(names.map(({ registry, repository }) => formatReference({ registry, repository, digest }))),
  ];
  if (isPushedByDigest(output)) return byDigest;
  const tagged = names.map(formatReference);
  if ("danglingNamePrefix" in output && output.danglingNamePrefix && names.length === 0) {
    const { registry, repository } = parseReference(output.danglingNamePrefix);
    return [formatReference({ registry, repository, digest })];
  }
  return "nameCanonical" in output && output.nameCanonical ? [...tagged, ...byDigest] : tagged;
}

/** The registries that an output declares insecure. */
export function insecureRegistries(outputs: readonly OutputSpec[], tags: readonly Reference[]): string[] {
  const insecure = outputs
    .filter(writesImage)
    .filter((output) => isPushed(output) && "insecure" in output && output.insecure);
  return [...new Set(insecure.flatMap((output) => namesOf(output, tags).map(({ registry }) => registry)))];
}
