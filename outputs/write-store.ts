// The local store, and the images that it then has under their names.

import { copyImage, type Reference } from "../oci/index.js";
import type { ImageBlobs } from "./image-blobs.js";
import { namesWith } from "./names.js";
import type { ImageOutput } from "./output.js";
import type { WrittenImage } from "./platforms.js";
import type { WriteOptions } from "./write.js";

export interface ImageWriting extends WriteOptions {
  readonly image: WrittenImage;
  readonly names: readonly Reference[];
  readonly source: ImageBlobs;
}

/** Everything first, then the names. An image that has none is listed without one. */
export async function writeToStore(output: ImageOutput, writing: ImageWriting): Promise<void> {
  const { store, image, names, source, report, signal } = writing;
  const { descriptor } = image.root;
  await copyImage(descriptor, source, store, signal ? { signal } : {});
  for (const platform of image.platforms) report.status(`writing image ${platform.image.configDescriptor.digest}`);
  await store.names.keep(descriptor);
  for (const name of namesWith(output, names, descriptor.digest)) {
    await store.nameImage(name, descriptor);
    report.status(`naming to ${name}`);
  }
}
