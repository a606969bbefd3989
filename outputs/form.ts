// The form that an image has in an output: compression, media types, annotations.

import { TsbuildError } from "../errors.js";
import type { Annotation } from "./annotations.js";
import type { BlobForm } from "./layer-blobs.js";
import type { ImageSpec } from "./output.js";

export interface ImageForm extends BlobForm {
  /** Whether gzip is cut so that single files can be read from a registry. */
  readonly estargz: boolean;
  readonly annotations: readonly Annotation[];
}

const HARDEST = { uncompressed: undefined, gzip: 9, estargz: 9, zstd: 22 } as const;

/** @throws usage for what cannot be had together (S-175) */
export function formOf(output: ImageSpec, annotations: readonly Annotation[] = []): ImageForm {
  const { compression = defaultCompression(output), compressionLevel: level, forceCompression = false } = output;
  const all = [...annotations, ...(output.annotations ?? [])];
  checkLevel(compression, level);
  const needsOci = oneThatNeedsOci(compression, all);
  if (output.ociMediaTypes === false && needsOci !== undefined)
    throw new TsbuildError("usage", `oci-mediatypes=false: Docker's media types have no ${needsOci}`, {
      hint: "Leave oci-mediatypes=false or --format=docker out.",
    });
  const isOci = output.ociMediaTypes ?? (output.type !== "docker" || needsOci !== undefined);
  return {
    compression: compression === "uncompressed" ? "none" : compression === "zstd" ? "zstd" : "gzip",
    ...(level !== undefined && { level }),
    force: forceCompression,
    dialect: isOci ? "oci" : "docker",
    estargz: compression === "estargz",
    annotations: all,
  };
}

/** What stays on this machine is read more often than it is stored. */
function defaultCompression(output: ImageSpec): "uncompressed" | "gzip" {
  const isLocal = output.type === "docker" || (output.type === "image" && !output.push);
  return isLocal ? "uncompressed" : "gzip";
}

function checkLevel(compression: keyof typeof HARDEST, level: number | undefined): void {
  if (level === undefined) return;
  const hardest = HARDEST[compression];
  if (hardest === undefined)
    throw new TsbuildError("usage", "compression-level needs compression=gzip, estargz or zstd", {
      hint: "Add compression=gzip, or leave out compression-level.",
    });
  if (!Number.isInteger(level) || level < 0 || level > hardest)
    throw new TsbuildError(
      "usage",
      `expected a compression-level from 0 to ${hardest} for ${compression}, found ${level}`,
      { hint: "Leave out compression-level for the usual one." },
    );
}

function oneThatNeedsOci(compression: keyof typeof HARDEST, annotations: readonly Annotation[]): string | undefined {
  if (annotations.length > 0) return "annotations";
  return compression === "zstd" || compression === "estargz" ? compression : undefined;
}
