// Image manifests and indexes.
// https://github.com/opencontainers/image-spec/blob/main/manifest.md
// https://github.com/opencontainers/image-spec/blob/main/image-index.md

import * as v from "valibot";
import type { Descriptor } from "./descriptor.js";
import { digestSchema, parseUntrusted, sizeSchema, stringMapSchema } from "./untrusted-json.js";

export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Index {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

const platformSchema = v.object({
  os: v.string(),
  architecture: v.string(),
  variant: v.exactOptional(v.string()),
  "os.version": v.exactOptional(v.string()),
  "os.features": v.exactOptional(v.array(v.string())),
});

const descriptorSchema = v.object({
  mediaType: v.string(),
  digest: digestSchema,
  size: sizeSchema,
  annotations: v.exactOptional(stringMapSchema),
  platform: v.exactOptional(platformSchema),
  artifactType: v.exactOptional(v.string()),
});

const common = {
  schemaVersion: v.literal(2),
  mediaType: v.exactOptional(v.string()),
  artifactType: v.exactOptional(v.string()),
  subject: v.exactOptional(descriptorSchema),
  annotations: v.exactOptional(stringMapSchema),
};

const manifestSchema = v.object({
  ...common,
  config: descriptorSchema,
  layers: v.optional(v.array(descriptorSchema), []),
});

const indexSchema = v.object({ ...common, manifests: v.optional(v.array(descriptorSchema), []) });

/** Reads an OCI or Docker image manifest. Fields that this page does not name are left out. @throws bad_manifest */
export function parseManifest(bytes: Uint8Array): Manifest {
  return parseUntrusted(bytes, manifestSchema, "image manifest");
}

/** Reads an OCI index or a Docker manifest list. @throws bad_manifest */
export function parseIndex(bytes: Uint8Array): Index {
  return parseUntrusted(bytes, indexSchema, "image index");
}
