// A signature of an image: what is signed, and the manifest that carries it, as cosign has them.
// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md

import type { KeyObject } from "node:crypto";
import { type Descriptor, type Digest, type Manifest, MediaType, type Reference, sha256 } from "../oci/index.js";
import { signBytes, verifyBytes } from "./keys.js";

export const SIGNATURE = "dev.cosignproject.cosign/signature";
const PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json";
const TYPE = "cosign container image signature";

export interface Document {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** What a signature says: this repository has an image with this digest. */
export interface Claim {
  /** `reg.example/team/app` */
  readonly repository: string;
  readonly digest: Digest;
}

/** The tag under which a repository has the signatures of an image. */
export function signatureTag(digest: Digest): string {
  return `${digest.replace(":", "-")}.sig`;
}

export function claimOf({ registry, repository }: Reference, digest: Digest): Claim {
  const host = registry === "docker.io" ? "index.docker.io" : registry;
  return { repository: `${host}/${repository}`, digest };
}

/** @param annotations said together with the claim */
export function payloadOf(
  { repository, digest }: Claim,
  annotations: Readonly<Record<string, string>> = {},
): Uint8Array {
  const payload = {
    critical: {
      identity: { "docker-reference": repository },
      image: { "docker-manifest-digest": digest },
      type: TYPE,
    },
    optional: Object.keys(annotations).length > 0 ? annotations : null,
  };
  return Buffer.from(JSON.stringify(payload));
}

/** The claim of a payload; undefined for what is none. */
export function parsePayload(bytes: Uint8Array): (Claim & { readonly annotations: unknown }) | undefined {
  let payload: Payload;
  try {
    payload = JSON.parse(Buffer.from(bytes).toString("utf8")) as Payload;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { critical, optional } = payload ?? {};
  const [repository, digest] = [critical?.identity?.["docker-reference"], critical?.image?.["docker-manifest-digest"]];
  if (critical?.type !== TYPE || typeof repository !== "string" || typeof digest !== "string") return undefined;
  return { repository, digest: digest as Digest, annotations: optional ?? {} };
}

interface Payload {
  readonly critical?: {
    readonly identity?: { readonly "docker-reference"?: unknown };
    readonly image?: { readonly "docker-manifest-digest"?: unknown };
    readonly type?: unknown;
  };
  readonly optional?: unknown;
}

/** The layer of a signature manifest: the payload, with the signature beside it. */
export function signedLayer(payload: Uint8Array, key: KeyObject): Document {
  const signature = signBytes(payload, key).toString("base64");
  const { descriptor } = document(PAYLOAD, payload);
  return { descriptor: { ...descriptor, annotations: { [SIGNATURE]: signature } }, bytes: payload };
}

export function isSignature({ mediaType, annotations = {} }: Descriptor): boolean {
  return mediaType === PAYLOAD && annotations[SIGNATURE] !== undefined;
}

/** Whether the key made the signature of a payload. */
export function isSignedBy({ annotations = {} }: Descriptor, payload: Uint8Array, key: KeyObject): boolean {
  return verifyBytes(payload, key, Buffer.from(annotations[SIGNATURE] ?? "", "base64"));
}

/** The manifest of all signatures of an image, and its config. */
export function signatureManifest(layers: readonly Descriptor[]): {
  readonly manifest: Document;
  readonly config: Document;
} {
  const time = "0001-01-01T00:00:00Z";
  const image = {
    architecture: "",
    created: time,
    history: layers.map(() => ({ created: time })),
    os: "",
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  };
  const config = document(MediaType.config, Buffer.from(JSON.stringify(image)));
  const content: Manifest = {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config: config.descriptor,
    layers,
  };
  return { config, manifest: document(MediaType.manifest, Buffer.from(JSON.stringify(content))) };
}

function document(mediaType: string, bytes: Uint8Array): Document {
  return { descriptor: { mediaType, digest: sha256(bytes), size: bytes.length }, bytes };
}
