// What steps were made from when a cache was written, so that one that is not found can say what changed. Asked of the place
// when the first step misses. That it cannot be had costs an explanation, never a build.

import type { Store } from "../cache/index.js";
import { type EarlierStep, StepIndex, type StepPlace } from "../executor/index.js";
import { indexLayer } from "../filesystem/index.js";
import { decompress, type Descriptor, readBlob } from "../oci/index.js";
import type { Vertex } from "../planner/index.js";
import { type CacheGroup, factOf } from "./format.js";
import { isSameKind, type RecordWithBlob, recordsOf } from "./groups.js";
import type { CacheImports, Imported } from "./imports.js";
import { decodeInputs, withoutPrivate } from "./inputs.js";
import type { CachePlace } from "./place.js";

/** Bytes of a layer that is fetched to compare its files. */
const LARGEST_LAYER = 4 << 20;

export type Kind = Pick<CacheGroup, "platform" | "target" | "dockerfile">;

export interface EarlierStepsOptions {
  readonly imports: CacheImports;
  readonly store: Store;
  /** Of this build: what others of this kind left is compared first. */
  readonly kind: Kind;
  readonly signal: AbortSignal;
}

export class EarlierSteps {
  readonly #options: EarlierStepsOptions;
  readonly #steps = new Map<CacheGroup, StepIndex<RecordWithBlob>>();
  readonly #inputs = new Map<CacheGroup, Promise<ReadonlyMap<string, unknown>>>();

  constructor(options: EarlierStepsOptions) {
    this.#options = options;
  }

  /** The same step in the first cache that knows it. */
  async find(vertex: Vertex): Promise<EarlierStep | undefined> {
    try {
      return await this.#find(placeOf(vertex.name));
    } catch {
      return undefined; // whatever it was, the step runs
    }
  }

  async #find(step: StepPlace): Promise<EarlierStep | undefined> {
    for (const imported of await this.#options.imports.all()) {
      for (const group of this.#ranked(imported)) {
        const record = this.#stepsOf(group, imported).find(step);
        const inputs = record && (await this.#inputsOf(group, imported.place)).get(record.key);
        if (record && inputs !== undefined) return this.#earlier(record, inputs, imported.place);
      }
    }
    return undefined;
  }

  /** Those of the same kind of build first, then those that were written last. */
  #ranked({ index: { groups } }: Imported): readonly CacheGroup[] {
    const isSame = (group: CacheGroup) => isSameKind(group, this.#options.kind);
    const others = groups.filter((group) => group.inputs && !isSame(group)).reverse();
    return [...groups.filter((group) => group.inputs && isSame(group)), ...others];
  }

  #stepsOf(group: CacheGroup, { index }: Imported): StepIndex<RecordWithBlob> {
    const records = () => recordsOf(group, index.layers).map((record) => [placeOf(record.step), record] as const);
    const known = this.#steps.get(group) ?? new StepIndex(records());
    this.#steps.set(group, known);
    return known;
  }

  #inputsOf(group: CacheGroup, { blobs }: CachePlace): Promise<ReadonlyMap<string, unknown>> {
    const read = async () => decodeInputs(await readBlob(blobs, group.inputs!, { signal: this.#options.signal }));
    const known = this.#inputs.get(group) ?? read();
    this.#inputs.set(group, known);
    return known;
  }

  #earlier({ blob, ...record }: RecordWithBlob, inputs: unknown, place: CachePlace): EarlierStep {
    const { key, diffID, duration } = record;
    return {
      key,
      record: { version: 1, inputs, layer: factOf(record), duration },
      shown: withoutPrivate,
      bringIndex: async () => {
        if (blob && blob.size <= LARGEST_LAYER && !this.#options.store.hasLayerIndex(diffID))
          await this.#bringIndex(blob, diffID, place).catch(() => {}); // without it files have no names
      },
    };
  }

  async #bringIndex(blob: Descriptor, diffID: string, { blobs }: CachePlace): Promise<void> {
    const { store, signal } = this.#options;
    const index = await indexLayer(decompress(await blobs.open(blob, { signal }), blob), { signal });
    if (index.diffID === diffID) store.putLayerIndex(index);
  }
}

/** `[linux/arm64 builder 2/5] RUN npm ci`, as a place that builds on other machines have too. */
export function placeOf(name: string): StepPlace {
  const [head = "", label = "", number] = /^\[(.*?) *(\d+)\/\d+\] /.exec(name) ?? [];
  const position = number === undefined ? undefined : Number(number);
  return { stage: label, platform: "", position, text: name.slice(head.length, NAME_LENGTH) };
}

/** Names of steps are not longer in a cache. */
const NAME_LENGTH = 200;
