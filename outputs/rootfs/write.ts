// The files of an image, to a directory or a tar, with those that tell of it; those of several platforms side by side.

import type { Store } from "../../cache/index.js";
import { refuseMixture } from "../check.js";
import type { ImageBlobs } from "../image-blobs.js";
import { LayerContents } from "../layers/contents.js";
import type { LocalOutput, TarOutput } from "../output.js";
import type { PlatformImage } from "../platforms.js";
import { withAttestations } from "./attestation-files.js";
import { writeRootDirectory } from "./local.js";
import { refuseToEmpty } from "./remove-others.js";
import { type RootFiles, rootFiles, splitByPlatform } from "./root-files.js";
import { writeRootTar } from "./tar.js";

export interface RootWriting {
  readonly store: Store;
  readonly source: ImageBlobs;
  /** SOURCE_DATE_EPOCH as RFC 3339: all files are of that time. */
  readonly epoch?: string;
  readonly signal?: AbortSignal;
}

/** @throws output_failed, usage */
export async function writeRootFiles(
  images: readonly PlatformImage[],
  output: LocalOutput | TarOutput,
  writing: RootWriting,
): Promise<void> {
  const { store, signal } = writing;
  const aborting = signal ? { signal } : {};
  if (output.type === "local" && output.mode === "delete") refuseToEmpty(output.dest);
  const files = await filesOf(images, output, writing);
  if (output.type === "tar") return writeRootTar(files, output.dest, { store, ...aborting });
  await writeRootDirectory(files, output.dest, { ...(output.mode && { mode: output.mode }), ...aborting });
}

async function filesOf(
  images: readonly PlatformImage[],
  output: LocalOutput | TarOutput,
  { store, source, epoch, signal }: RootWriting,
): Promise<RootFiles> {
  const dated = epoch === undefined ? {} : { epoch: Math.floor(Date.parse(epoch) / 1000) };
  const contents = new LayerContents(store, source, signal);
  const parts = [];
  const prefix = output.attestationPrefix ?? "";
  for (const { platform, image, attestations = [] } of images) {
    const files = await rootFiles(image.layers, contents, dated);
    const beside = attestations.filter(({ inlineOnly }) => !inlineOnly);
    parts.push({ platform, files: withAttestations(files, beside, { store, prefix, ...dated }) });
  }
  const [only, second] = parts;
  if (!second) return only!.files;
  if (output.platformSplit === false) refuseMixture(parts.length);
  return splitByPlatform(parts, dated.epoch);
}
