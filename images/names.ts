// The names that the images of the store have.

import type { Store } from "../cache/index.js";
import { type Digest, parseReference, type Reference } from "../oci/index.js";

/** The names that stand for a manifest or index, sorted. */
export function namesOf(store: Store, digest: Digest): readonly Reference[] {
  const names = store.names.list().flatMap(({ name, descriptor }) => (descriptor.digest === digest ? [name] : []));
  return names.sort().map(parseReference);
}
