// The names that an image has in an output.

import { formatReference, parseReference, type Reference } from "../oci/index.js";
import type { ImageSpec } from "./output.js";

/** Its own, when it has some; else the tags of the build. Each once. @throws bad_reference */
export function namesOf({ names }: Pick<ImageSpec, "names">, tags: readonly Reference[]): Reference[] {
  const all = names && names.length > 0 ? names.map(parseReference) : tags;
  return [...new Map(all.map((name) => [formatReference(name), name])).values()];
}
