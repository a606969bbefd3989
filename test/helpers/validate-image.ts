// Re-computes every claim that an image layout makes, without tsbuild's own code: digests, sizes, diff IDs, history.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import type { Descriptor, ImageConfig, Index, Manifest } from "../../oci/index.js";

export interface CheckedImage {
  /** The name of the image in the layout. */
  readonly tag: string;
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** The layers' uncompressed tars, lowest first. */
  readonly layers: readonly Buffer[];
}

/** Fails the test at the first claim that does not hold. The layout has to hold one image. */
export function validateLayout(directory: string): CheckedImage {
  expect(readJson(join(directory, "oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
  const index = readJson(join(directory, "index.json")) as Index;
  expect(index.schemaVersion).toBe(2);
  expect(new Set(index.manifests.map(({ digest }) => digest)).size).toBe(1);
  const descriptor = index.manifests[0]!;
  const manifest = JSON.parse(readBlob(directory, descriptor).toString()) as Manifest;
  expect(manifest.mediaType ?? descriptor.mediaType).toBe(descriptor.mediaType);
  const config = JSON.parse(readBlob(directory, manifest.config).toString()) as ImageConfig;
  const layers = manifest.layers.map((layer) => uncompressed(readBlob(directory, layer), layer.mediaType));
  expect(layers.map(sha256)).toEqual(config.rootfs.diff_ids); // S-158
  expect((config.history ?? []).filter((entry) => !entry.empty_layer)).toHaveLength(layers.length); // S-154
  const tag = descriptor.annotations?.["org.opencontainers.image.ref.name"] ?? "";
  return { tag, descriptor, manifest, config, layers };
}

function readBlob(directory: string, blob: Descriptor): Buffer {
  const path = join(directory, "blobs", ...blob.digest.split(":"));
  expect(statSync(path).size).toBe(blob.size);
  const bytes = readFileSync(path);
  expect(sha256(bytes)).toBe(blob.digest);
  return bytes;
}

function uncompressed(bytes: Buffer, mediaType: string): Buffer {
  if (mediaType.endsWith("gzip")) return gunzipSync(bytes);
  expect(mediaType).toMatch(/\.tar$/);
  return bytes;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
