// The index that a build adds its images to, as Buildah has it: machines that build one after the other fill it together.
// https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md

import { addToIndex, createIndex, readIndex } from "../images/index.js";
import { type Descriptor, formatReference, parseReference } from "../oci/index.js";
import type { BuildSession } from "./session.js";
import { signalOf } from "./picks.js";

type Session = Pick<BuildSession, "options" | "store" | "places">;

/** Before anything is built. @throws bad_reference, usage when the name is that of one image */
export async function expectManifestList(session: Session): Promise<void> {
  const { manifest } = session.options;
  if (manifest !== undefined && hasName(session, manifest)) await readIndex(session.store, manifest);
}

/** Adds an image of the store, or those of an index; the index is made where there is none. One of the same platform is replaced. */
export async function joinManifestList(session: Session, { digest }: Descriptor): Promise<void> {
  const { options, store, places } = session;
  const { manifest } = options;
  if (manifest === undefined) return;
  const source = { store, places, ...signalOf(options) };
  if (hasName(session, manifest)) await addToIndex(source, manifest, digest);
  else await createIndex(source, manifest, [digest]);
}

function hasName({ store }: Session, name: string): boolean {
  return store.names.get(formatReference(parseReference(name))) !== undefined;
}
