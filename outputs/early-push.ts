// Pushes layers while the build goes on: each is compressed and sent when its step has made it, beside the steps that follow.
// The push at the end finds them there. A build that fails leaves blobs that no manifest names, which registries collect.

import PQueue from "p-queue";
import { blobOf, type Store } from "../cache/index.js";
import type { Layer, LayerStep } from "../executor/index.js";
import { type BlobStore, copyBlob, formatReference, type ImageStore, type Reference } from "../oci/index.js";
import type { ImageOrigin } from "../planner/index.js";
import { formOf } from "./form.js";
import { ImageBlobs } from "./image-blobs.js";
import { type BlobForm, layerBlobs } from "./layer-blobs.js";
import { namesOf } from "./names.js";
import { isPushed, type OutputSpec, writesImage } from "./output.js";

export interface EarlyPushOptions {
  readonly store: Store;
  readonly outputs: readonly OutputSpec[];
  /** The names of the build. */
  readonly tags: readonly Reference[];
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
  /** Fails when the layer must not leave this machine. */
  readonly inspect?: (layer: Layer) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Where layers go, in which form. */
interface Goal {
  readonly form: BlobForm;
  /** Without tags: one for each repository. */
  readonly repositories: readonly Reference[];
}

/** Layers under way at the same time: the steps need the processors too. */
const AT_ONCE = 2;

export class EarlyPush {
  readonly #options: EarlyPushOptions;
  readonly #goals: readonly Goal[];
  readonly #queue = new PQueue({ concurrency: AT_ONCE });
  readonly #aborter = new AbortController();
  readonly #signal: AbortSignal;

  constructor(options: EarlyPushOptions) {
    const { signal } = this.#aborter;
    this.#options = options;
    this.#goals = options.outputs.flatMap((output) => goalOf(output, options.tags));
    this.#signal = options.signal ? AbortSignal.any([options.signal, signal]) : signal;
  }

  /** Begins to push the layer of a step. Never fails: what fails, fails once more at the end, where it is told. */
  stepDone({ layer: fact, origin }: Pick<LayerStep, "layer" | "origin">): void {
    if (this.#goals.length === 0) return;
    const { diffID, content } = fact;
    const layer: Layer = { diffID, content, blob: blobOf(fact), ...(origin && { origin }) };
    this.#queue.add(() => this.#push(layer)).catch(() => this.#queue.clear());
  }

  /** Resolves when nothing moves any more, however it ended. */
  async settled(): Promise<void> {
    await this.#queue.onIdle();
  }

  /** Ends what is under way. */
  async end(): Promise<void> {
    this.#queue.clear();
    this.#aborter.abort();
    await this.settled();
  }

  async #push(layer: Layer): Promise<void> {
    const { store, openOrigin, openRepository, inspect } = this.#options;
    const signal = this.#signal;
    await inspect?.(layer);
    const source = new ImageBlobs(store, [layer], openOrigin);
    for (const { form, repositories } of this.#goals) {
      const [blob] = await layerBlobs(store, [layer], form, { source, signal });
      for (const repository of repositories)
        await copyBlob(blob!, source, await openRepository(repository), { signal });
    }
  }
}

/** An output whose layers are those of the steps: squashing, other times or eStargz would make others. */
function goalOf(output: OutputSpec, tags: readonly Reference[]): Goal[] {
  if (!writesImage(output) || !isPushed(output)) return [];
  const form = formOf(output);
  if (form.estargz || output.rewriteTimestamp) return [];
  const names = namesOf(output, tags);
  const repositories = new Map(names.map((name) => [formatReference(untagged(name)), untagged(name)]));
  return [{ form, repositories: [...repositories.values()] }];
}

function untagged({ registry, repository }: Reference): Reference {
  return { registry, repository };
}
