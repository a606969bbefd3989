// How attestations travel: statements as the layers of a manifest beside the image's, as BuildKit lays them out.
// https://docs.docker.com/build/metadata/attestations/attestation-storage/

import {
  type BlobStore,
  type Descriptor,
  type Manifest,
  MediaType,
  parseManifest,
  readBlob,
  sha256,
} from "../oci/index.js";
import { parsePredicate, type Predicate, statementOf, type Subject } from "./statement.js";

const IN_TOTO = "application/vnd.in-toto+json";
const ARTIFACT = "application/vnd.docker.attestation.manifest.v1+json";
const PREDICATE_TYPE = "in-toto.io/predicate-type";

/** A blob that is held whole, because it is small. */
export interface Document {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export interface AttestationManifest {
  /** With the annotations and the platform that an index has for it. */
  readonly manifest: Document;
  /** Config and statements. */
  readonly blobs: readonly Document[];
}

/**
 * image: a manifest with an image config, which every registry takes. artifact: one with an artifact type, whose subject is the
 * image's manifest: registries list it among the referrers of that.
 */
export type AttestationForm = "image" | "artifact";

export function attestationManifest(
  image: Descriptor,
  predicates: readonly Predicate[],
  { subjects, form }: { readonly subjects: readonly Subject[]; readonly form: AttestationForm },
): AttestationManifest {
  const statements = predicates.map((predicate) => {
    const { descriptor, bytes } = document(IN_TOTO, statementOf(predicate, subjects));
    return { descriptor: { ...descriptor, annotations: { [PREDICATE_TYPE]: predicate.type } }, bytes };
  });
  const config = form === "image" ? imageConfig(statements) : document(MediaType.empty, Buffer.from("{}"));
  const { mediaType, digest, size } = image;
  const content: Manifest = {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    ...(form === "artifact" && { artifactType: ARTIFACT }),
    config: config.descriptor,
    layers: statements.map(({ descriptor }) => descriptor),
    ...(form === "artifact" && { subject: { mediaType, digest, size } }),
  };
  const manifest = document(MediaType.manifest, Buffer.from(JSON.stringify(content)));
  return { manifest: { ...manifest, descriptor: indexed(manifest.descriptor, image) }, blobs: [config, ...statements] };
}

/** Whether an index lists this for an attestation, and not for an image. */
export function isAttestation({ annotations = {} }: Descriptor): boolean {
  return annotations["vnd.docker.reference.type"] === "attestation-manifest";
}

/** The digest of the image that an attestation of an index is about. */
export function attestedImage({ annotations = {} }: Descriptor): string | undefined {
  return annotations["vnd.docker.reference.digest"];
}

/** What an attestation manifest says. Layers of other kinds are left out. @throws bad_manifest, and what reading a blob throws */
export async function readPredicates(store: BlobStore, manifest: Descriptor): Promise<Predicate[]> {
  const { layers } = parseManifest(await readBlob(store, manifest));
  const statements = layers.filter(({ mediaType }) => mediaType === IN_TOTO);
  return Promise.all(statements.map(async (layer) => parsePredicate(await readBlob(store, layer))));
}

function indexed(manifest: Descriptor, image: Descriptor): Descriptor {
  return {
    ...manifest,
    annotations: {
      "vnd.docker.reference.digest": image.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    },
    platform: { architecture: "unknown", os: "unknown" },
  };
}

function imageConfig(statements: readonly Document[]): Document {
  const diff_ids = statements.map(({ descriptor }) => descriptor.digest);
  const config = { architecture: "unknown", os: "unknown", config: {}, rootfs: { type: "layers", diff_ids } };
  return document(MediaType.config, Buffer.from(JSON.stringify(config)));
}

function document(mediaType: string, bytes: Uint8Array): Document {
  return { descriptor: { mediaType, digest: sha256(bytes), size: bytes.length }, bytes };
}
