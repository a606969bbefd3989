// An image with all that its files say: layers, tree, packages.

import type { Store } from "../cache/index.js";
import { layersOf } from "../executor/index.js";
import { formatPlatform, type Image, platformOfConfig } from "../oci/index.js";
import { LayerContents, openFiles } from "../outputs/index.js";
import { type InstalledPackage, readPackages } from "../packages/index.js";
import { findImage } from "./find.js";
import type { PlatformChoice } from "./inspect.js";
import { type Cancelable, type ImageFiles, readFiles, withIntactBlobs } from "./layers.js";
import { chooseImage } from "./root.js";

export interface ImageContents extends ImageFiles {
  readonly image: Image;
  /** `linux/amd64` */
  readonly platform: string;
  readonly packages: readonly InstalledPackage[];
}

/** @throws image_not_found, platform_not_found, blob_not_found */
export async function readContents(
  store: Store,
  word: string,
  { platform, signal }: PlatformChoice & Cancelable = {},
): Promise<ImageContents> {
  const { descriptor } = await findImage(store, word);
  return withIntactBlobs(word, async () => {
    const image = await chooseImage(store, descriptor, platform);
    const files = await readFiles(store, image, signal ? { signal } : {});
    const layers = layersOf(image.manifest.layers, image.config);
    const packages = await readPackages(await openFiles(layers, new LayerContents(store, store, signal)));
    return {
      ...files,
      image,
      packages,
      platform: formatPlatform(platformOfConfig(image.config)),
    };
  });
}
