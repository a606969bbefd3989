// FROM: layers of an image, by name only. Nothing is fetched until somebody reads them.

import type { Descriptor, ImageConfig } from "../../oci/index.js";
import type { ImageOp, ImageOrigin } from "../../planner/index.js";
import type { Layer, Snapshot } from "../layers/index.js";

export function imageSnapshot({ image }: ImageOp): Snapshot {
  return { layers: layersOf(image.layers, image.config, image.origin) };
}

/** @param origin where the blobs are; absent when they are in the store */
export function layersOf(blobs: readonly Descriptor[], config: ImageConfig, origin?: ImageOrigin): Layer[] {
  return blobs.map((blob, position) => {
    const diffID = config.rootfs.diff_ids[position]!;
    return { diffID, content: diffID, blob, ...(origin && { origin }) };
  });
}
