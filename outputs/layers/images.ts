// Images with other layers: squashed, or with younger times. Config and history follow.

import { TsbuildError } from "../../errors.js";
import type { Layer } from "../../executor/index.js";
import type { History } from "../../oci/index.js";
import { type AssembledImage, describeConfig } from "../assemble.js";
import { clampTimes, type RewriteOptions, squashLayers } from "./rewrite.js";

/**
 * Which layers become one. `new`: those above the base image. `all`: the base image's too. A range: from and to are numbers of
 * layers, the lowest is 1, both are squashed as well.
 */
export type Squash = "new" | "all" | { readonly from: number; readonly to: number };

/** The image with `layers` in place of its own; its config has their diffIDs. */
export function withLayers(image: AssembledImage, layers: readonly Layer[]): AssembledImage {
  const diff_ids = layers.map(({ diffID }) => diffID);
  return { ...image, ...describeConfig({ ...image.config, rootfs: { type: "layers", diff_ids } }), layers };
}

export interface ClampOptions extends RewriteOptions {
  /** Whether files that are older than `epoch` are dated to it as well. @default false */
  readonly allTimes?: boolean;
}

/** No file of the layers above the base is newer than `epoch`, in seconds; the base's layers stay as they are (S-173). */
export async function withClampedTimes(
  image: AssembledImage,
  epoch: number,
  { allTimes = false, ...options }: ClampOptions,
): Promise<AssembledImage> {
  const { layers, base = layers.length, made = [] } = image;
  const rewritten: Layer[] = [];
  for (const [position, layer] of layers.entries()) {
    const time = allTimes ? -Infinity : Math.floor(Date.parse(made[position] ?? "") / 1000);
    const seconds = Number.isNaN(time) ? {} : { made: time };
    rewritten.push(position < base ? layer : await clampTimes(layer, { epoch, ...seconds }, options));
  }
  return withLayers(image, rewritten);
}

/** @throws usage when the image has no such layers */
export async function squashed(
  image: AssembledImage,
  squash: Squash,
  options: RewriteOptions,
): Promise<AssembledImage> {
  const { layers, base = layers.length, made = [] } = image;
  const [first, end] = boundsOf(squash, layers.length, base);
  if (end - first < 2) return image;
  const one = await squashLayers(layers.slice(0, first), layers.slice(first, end), options);
  const result = withLayers(image, [...layers.slice(0, first), one, ...layers.slice(end)]);
  const history = squashedHistory(image.config.history, { first, end, count: layers.length });
  const config = { ...result.config, history };
  const times = [...made.slice(0, first), made[end - 1], ...made.slice(end)];
  return { ...result, ...describeConfig(config), base: Math.min(base, first), made: times };
}

function boundsOf(squash: Squash, count: number, base: number): readonly [first: number, end: number] {
  if (squash === "all") return [0, count];
  if (squash === "new") return [base, count];
  const { from, to } = squash;
  if (from >= 1 && from <= to && to <= count) return [from - 1, to];
  throw new TsbuildError("usage", `expected layers between 1 and ${count} to squash, found ${from}-${to}`, {
    hint: "Count the layers of the image from the lowest, which is 1: the base image's are the first.",
  });
}

/** All that made the layers stays in the history; the last of it stands for the layer (S-154). */
function squashedHistory(
  history: readonly History[],
  { first, end, count }: { readonly first: number; readonly end: number; readonly count: number },
): History[] {
  // Some base images tell of none of their layers: what there is belongs to the upper ones.
  let position = count - history.filter((entry) => !entry.empty_layer).length - 1;
  return history.map((entry) => {
    if (entry.empty_layer) return entry;
    position += 1;
    return position >= first && position < end - 1 ? { ...entry, empty_layer: true } : entry;
  });
}
