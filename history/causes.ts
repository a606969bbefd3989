// Why one step of a build ran: what the build itself said, else the step compared with itself in an earlier build.

import type { CacheRecord, Store } from "../cache/index.js";
import { type Change, compareInputs, compareLayers, type ImageMove, imageMove, reasonOf } from "../executor/index.js";
import type { Digest } from "../oci/index.js";
import type { Because } from "../progress.js";
import type { EarlierBuild } from "./earlier.js";
import type { BuildRecord, StepRecord } from "./record.js";
import { partsOf } from "./steps.js";

export type Cause =
  /** What the step reads changed. */
  | { readonly kind: "changed"; readonly changes: readonly Change[] }
  /** Only because another step has another result. */
  | { readonly kind: "follows"; readonly step: string }
  | { readonly kind: "new" }
  /** In the words of the build: its result was there and was not to be taken, or was gone. */
  | { readonly kind: "no-cache" | "too-old" | "other-cache" | "lost"; readonly why: string }
  /** In the words of the build, where what it compared is no longer in the store. */
  | { readonly kind: "told"; readonly why: string }
  /** It failed, or was ended, the time before. */
  | { readonly kind: "unfinished" };

/** A step in an earlier build. */
interface EarlierStep extends EarlierBuild {
  readonly step: StepRecord & { readonly key: string };
}

export class Causes {
  readonly #store: Store;
  readonly #build: BuildRecord;
  readonly #earlier: readonly EarlierBuild[];
  #made: ReadonlyMap<Digest, string> | undefined;

  /** @param earlier the builds to compare with, the best first */
  constructor(store: Store, build: BuildRecord, earlier: readonly EarlierBuild[]) {
    this.#store = store;
    this.#build = build;
    this.#earlier = earlier;
  }

  /** Undefined for a step that has the result that it had. */
  of(step: StepRecord): Cause | undefined {
    if (step.status === "pending" || step.status === "canceled") return undefined;
    const then = this.#earlierStep(step);
    if (step.key === undefined) return step.status === "failed" ? this.#causeOfFailed(step, then) : undefined;
    const refused = step.status === "ran" ? this.#refusal(step) : undefined;
    if (refused) return refused;
    if (then) return this.#compare(step, then);
    return step.status === "cached" ? undefined : (this.#unfinished(step) ?? told(step) ?? { kind: "new" });
  }

  #compare(step: StepRecord, then: EarlierStep): Cause | undefined {
    const isCached = step.status === "cached";
    if (isCached && this.#isSameResult(step, then)) return undefined;
    if (then.records && step.key === then.step.key) return undefined; // a cache knows it, whoever made it here
    const [record, old] = [this.#record(step), this.#recordThen(then)];
    const changes = record && old ? this.#changes(record, old, { ...then, ...this.#imageMove(step, then) }) : [];
    const [only] = changes;
    if (changes.length === 1 && only?.kind === "follows") return only;
    if (changes.length > 0) return { kind: "changed", changes };
    return isCached ? undefined : (told(step) ?? { kind: "lost", why: reasonOf("lost").why });
  }

  #changes(
    record: CacheRecord,
    old: CacheRecord,
    { image, shown = (inputs) => inputs }: Pick<EarlierBuild, "shown"> & { readonly image?: ImageMove },
  ): readonly Change[] {
    return compareInputs(old.inputs, shown(record.inputs), {
      madeBy: (content) => this.#madeBy(content),
      layerChanges: () => this.#layerChanges(old, record),
      listing: (content) => this.#store.layerIndex(content)?.changes,
      ...(old.mounted && { mountedThen: old.mounted }),
      ...(record.mounted && { mountedNow: record.mounted }),
      ...(image && { image }),
    });
  }

  /** What the build said of it, unless that was a change, which can be told in more words. */
  #refusal(step: StepRecord): Cause | undefined {
    const because = step.because ?? this.#flagOf(step);
    if (because === undefined || because === "changed") return undefined;
    const why = step.why ?? reasonOf(because).why;
    return { kind: isFlag(because) ? "no-cache" : because, why };
  }

  /** Of a build that did not say what made its steps run. */
  #flagOf({ stage, why }: StepRecord): `--${string}` | undefined {
    const { noCache, noCacheFilter } = this.#build.asked;
    if (why !== undefined) return undefined;
    if (noCache) return "--no-cache";
    return noCacheFilter.some((name) => name.toLowerCase() === stage) ? "--no-cache-filter" : undefined;
  }

  /** A step that failed has no record of what it read: its text is known, and the steps before it tell what it followed. */
  #causeOfFailed(step: StepRecord, then: EarlierStep | undefined): Cause | undefined {
    if (!then) return this.#unfinished(step) ?? { kind: "new" };
    const [from, to] = [partsOf(then.step).text, partsOf(step).text];
    return from === to ? undefined : { kind: "changed", changes: [{ kind: "command", from, to }] };
  }

  #unfinished(step: StepRecord): Cause | undefined {
    return this.#earlier.some(({ steps }) => steps.find(step)) ? { kind: "unfinished" } : undefined;
  }

  #earlierStep(step: StepRecord): EarlierStep | undefined {
    for (const earlier of this.#earlier) {
      const found = earlier.steps.find(step);
      if (found?.key !== undefined) return { ...earlier, step: { ...found, key: found.key } };
    }
    return undefined;
  }

  #isSameResult({ key }: StepRecord, then: EarlierStep): boolean {
    if (key === then.step.key) return true;
    const { records } = this.#store;
    const old = then.records ? then.records.get(then.step.key) : records.getHead(then.step.key);
    return key !== undefined && old?.layer.content === records.getHead(key)?.layer.content;
  }

  #imageMove({ base }: StepRecord, { build, step }: EarlierStep): { readonly image?: ImageMove } {
    return imageMove(build.images?.[step.base ?? ""], this.#build.images?.[base ?? ""]);
  }

  /** The first step of this build that has a layer of this content. */
  #madeBy(content: Digest): string | undefined {
    this.#made ??= new Map(
      this.#build.steps.toReversed().flatMap(({ key, name }) => {
        const head = key === undefined ? undefined : this.#store.records.getHead(key);
        return head ? [[head.layer.content, name] as const] : [];
      }),
    );
    return this.#made.get(content);
  }

  #layerChanges(then: CacheRecord, now: CacheRecord) {
    const [old, current] = [then, now].map(({ layer }) => this.#store.layerIndex(layer.diffID));
    return old && current && compareLayers(old.changes, current.changes);
  }

  #recordThen({ step, records }: EarlierStep): CacheRecord | undefined {
    return records ? records.get(step.key) : this.#record(step);
  }

  #record({ key }: StepRecord): CacheRecord | undefined {
    return key === undefined ? undefined : this.#store.records.get(key);
  }
}

function told({ why }: StepRecord): Cause | undefined {
  return why === undefined ? undefined : { kind: "told", why };
}

function isFlag(because: Because): because is `--${string}` {
  return because.startsWith("--");
}
