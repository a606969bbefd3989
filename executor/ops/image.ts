// FROM: layers of an image, by name only. Nothing is fetched until somebody reads them.

import type { ImageOp } from "../../planner/index.js";
import type { Snapshot } from "../layers/index.js";

export function imageSnapshot({ image }: ImageOp): Snapshot {
  const { layers, config, origin } = image;
  return {
    layers: layers.map((blob, position) => {
      const diffID = config.rootfs.diff_ids[position]!;
      return { diffID, content: diffID, blob, origin };
    }),
  };
}
