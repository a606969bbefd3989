// Copies a finished image, of one platform or of several, to one output.

import type { KeyObject } from "node:crypto";
import type { Store } from "../cache/index.js";
import { type BlobStore, type Descriptor, type ImageStore, type Reference } from "../oci/index.js";
import type { ImageOrigin } from "../planner/index.js";
import type { WorkReporter } from "../progress.js";
import type { Annotation } from "./annotations.js";
import { manifestOf } from "./assemble.js";
import { ImageBlobs } from "./image-blobs.js";
import { namesOf, namesWith } from "./names.js";
import { type ImageSpec, type OutputSpec, writesImage } from "./output.js";
import { type PlatformImage, withIndex } from "./platforms.js";
import { preparedImage } from "./prepare.js";
import { writeRootFiles } from "./rootfs/write.js";
import { writeLayout } from "./write-layout.js";
import { writeToRegistries } from "./write-registry.js";
import { writeToStore } from "./write-store.js";

export interface WriteOptions {
  readonly store: Store;
  readonly tags: readonly Reference[];
  /** For all images, beside those of each output. @default [] */
  readonly annotations?: readonly Annotation[];
  /** SOURCE_DATE_EPOCH as RFC 3339. */
  readonly epoch?: string;
  /** Whether rewritten times are all `epoch`, and not only those after it. @default false */
  readonly allTimes?: boolean;
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
  /** Signs what is pushed. @default nothing is signed */
  readonly signWith?: KeyObject;
  readonly report: WorkReporter;
  readonly signal?: AbortSignal;
}

export interface WrittenOutput {
  /** The manifest as this output has it; the index, of several platforms. Of files, the one that the store would have. */
  readonly descriptor: Descriptor;
  /** As this output has them: other times and other compression make other layers. */
  readonly images: readonly PlatformImage[];
  /** All names, in full. */
  readonly names: readonly string[];
}

/** @throws usage, output_failed, RegistryError, and what reading the layers throws */
export async function writeOutput(
  images: readonly PlatformImage[],
  output: OutputSpec,
  options: WriteOptions,
): Promise<WrittenOutput> {
  const layers = images.flatMap(({ image }) => image.layers);
  const source = new ImageBlobs(options.store, layers, options.openOrigin);
  if (writesImage(output)) return writeImage(images, output, { ...options, source });
  if (output.type !== "cacheonly") await writeRootFiles(images, output, { ...options, source });
  return { descriptor: unwritten(images), images, names: [] };
}

/** The images without any output: their digest is asked for all the same. */
function unwritten(images: readonly PlatformImage[]): Descriptor {
  const platforms = images.map(({ platform, image }) => {
    const layers = image.layers.map(({ blob }) => blob);
    return { platform, image, layers, manifest: manifestOf(image, layers, { dialect: "oci" }) };
  });
  return withIndex(platforms, { dialect: "oci", annotations: [], names: [] }).root.descriptor;
}

async function writeImage(
  images: readonly PlatformImage[],
  output: ImageSpec,
  options: WriteOptions & { readonly source: ImageBlobs },
): Promise<WrittenOutput> {
  const names = namesOf(output, options.tags);
  const onCompress = () => options.report.status("compressing layers");
  const image = await preparedImage(images, output, { ...options, names, onCompress });
  options.report.status("exporting layers");
  const writing = { ...options, names, image };
  if (output.type === "registry") await writeToRegistries(output, writing);
  else if (output.type === "image") {
    if (output.store ?? true) await writeToStore(output, writing);
    if (output.push) await writeToRegistries(output, writing);
  } else await writeLayout(output, writing);
  const { descriptor } = image.root;
  return { descriptor, images: image.platforms, names: namesWith(output, names, descriptor.digest) };
}
