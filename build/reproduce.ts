// `--verify-reproducible`: builds once more under other conditions, and names the first file that came out differently.

import { setTimeout } from "node:timers/promises";
import { executeGraphs } from "./execution.js";
import { assembleImages, type Loaded, planBuild } from "./phases.js";
import { begin, type BuildSession } from "./session.js";
import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { formatPlatform, type History } from "../oci/index.js";
import { clampedImage, firstDifference, type PlatformImage } from "../outputs/index.js";
import { signalOf } from "./picks.js";
import { reportWork } from "../progress.js";
import type { ResolvedOptions } from "./resolved-options.js";

/**
 * Does nothing unless `verifyReproducible` asks for it. `session` has built `images` without knowing what was made before.
 * @throws not_reproducible
 */
export async function verifyReproducible(
  session: BuildSession,
  loaded: Loaded,
  images: readonly PlatformImage[],
): Promise<void> {
  if (!session.options.verifyReproducible) return;
  await reportWork(session.emit, "verify", "[internal] build again under other conditions", async () => {
    await setTimeout(ANOTHER_SECOND);
    const again = await begin(otherConditions(session));
    again.recorder.discard();
    try {
      const graphs = await planBuild(again, loaded);
      const results = await executeGraphs(again, graphs, loaded);
      const others = await assembleImages(again, graphs, results);
      for (const [position, one] of images.entries()) await compare(session, one, others[position]!);
    } finally {
      await again.end();
    }
  });
}

/** Whatever writes the time into a file writes another one. */
const ANOTHER_SECOND = 1100;

/** One thing at a time where there were many, on a machine of another name, without help of shared caches. */
function otherConditions({ options }: BuildSession): ResolvedOptions {
  const { onStepFailure: _, ...same } = options;
  return {
    ...same,
    jobs: options.jobs === 1 ? 4 : 1,
    run: { ...options.run, hostname: "another-machine" },
    cacheFrom: [],
    cacheTo: [],
    onEvent: () => {},
  };
}

async function compare({ store, places, options }: BuildSession, one: PlatformImage, other: PlatformImage) {
  const { epoch } = options;
  const clamping = {
    store,
    openOrigin: places.openOrigin,
    ...(epoch !== undefined && { epoch }),
    ...signalOf(options),
  };
  const [first, second] = [await clampedImage(one.image, clamping), await clampedImage(other.image, clamping)];
  const steps = first.config.history.filter((entry) => !entry.empty_layer);
  for (const [position, layer] of first.layers.entries()) {
    const twin = second.layers[position];
    if (twin?.diffID === layer.diffID) continue;
    const step = stepName(steps[position - (first.layers.length - steps.length)], one);
    throw notReproducible(step, twin && describe(store, layer.diffID, twin.diffID));
  }
  if (first.configDescriptor.digest !== second.configDescriptor.digest) throw notReproducible("the image config");
}

type DiffID = PlatformImage["image"]["layers"][number]["diffID"];

function describe(store: Store, one: DiffID, other: DiffID): string | undefined {
  const [first, second] = [store.layerIndex(one), store.layerIndex(other)];
  const difference = first && second && firstDifference(first.changes, second.changes);
  return difference && `"/${difference.path}" ${difference.what}`;
}

function stepName(step: History | undefined, { platform }: PlatformImage): string {
  const text = step?.created_by?.replace(/ # buildkit$/, "").replace(/^RUN \/bin\/sh -c /, "RUN ") ?? "a layer";
  return `"${text.split("\n", 1)[0]}" for ${formatPlatform(platform)}`;
}

function notReproducible(step: string, what = "its layer differs"): TsbuildError {
  return new TsbuildError("not_reproducible", `${step} is not reproducible: ${what}`, {
    hint: "Take out what depends on time, machine, random numbers or the order of work.",
  });
}
