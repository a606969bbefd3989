// Why the steps of a build ran: each compared with itself in the nearest earlier build that reached it. First causes are
// told with what changed; of all that follows only which cause it follows.

import type { CacheRecord, Store } from "../cache/index.js";
import { type Change, compareInputs, compareLayers } from "../executor/index.js";
import type { Digest } from "../oci/index.js";
import { pastBuilds } from "./builds.js";
import type { BuildRecord, StepRecord } from "./record.js";
import { partsOf, sameStep } from "./steps.js";
import { tipFor } from "./tips.js";

export interface Explanation {
  readonly build: BuildRecord;
  /** The build that it is compared with: the nearest earlier one of the same Dockerfile. Absent when there is none. */
  readonly against?: BuildRecord;
  /** Steps that ran, or whose result is another one, in the order of the Dockerfile. */
  readonly steps: readonly StepExplanation[];
}

export interface StepExplanation {
  readonly step: StepRecord;
  readonly cause: Cause;
  /** Milliseconds that it and the steps that follow from it took. Of a step that follows, its own. */
  readonly cost: number;
  /** The steps that ran because of this one. */
  readonly followers: readonly StepRecord[];
  /** What would avoid it the next time: an imperative sentence with a period. */
  readonly tip?: string;
}

export type Cause =
  /** What the step reads changed. */
  | { readonly kind: "changed"; readonly changes: readonly Change[] }
  /** Only because another step has another result. */
  | { readonly kind: "follows"; readonly step: string }
  | { readonly kind: "new" }
  | { readonly kind: "no-cache" }
  /** The store no longer had its result. */
  | { readonly kind: "lost" }
  /** It failed, or was ended, the time before. */
  | { readonly kind: "unfinished" };

export interface ExplainOptions {
  /** An earlier build to compare with. @default the nearest that reached the step */
  readonly against?: BuildRecord;
}

export function explainBuild(store: Store, build: BuildRecord, { against }: ExplainOptions = {}): Explanation {
  const earlier = against ? [against] : earlierBuilds(store, build);
  const comparison = new Comparison(store, build, earlier);
  const causes = build.steps.flatMap((step) => {
    const cause = comparison.causeOf(step);
    return cause ? [{ step, cause }] : [];
  });
  const first = causes.map((one, position) => firstCause(one, causes.slice(0, position)));
  const steps = first.map((one) => withCost(one, first)).map((one) => ({ ...one, ...tipFor(one, build) }));
  return { build, ...(earlier[0] && { against: earlier[0] }), steps };
}

/** Of the same Dockerfile, the latest first. */
function earlierBuilds(store: Store, build: BuildRecord): readonly BuildRecord[] {
  return [...pastBuilds(store)].filter(
    ({ id, scope }) => scope !== undefined && scope === build.scope && id < build.id,
  );
}

class Comparison {
  readonly #store: Store;
  readonly #build: BuildRecord;
  readonly #earlier: readonly BuildRecord[];
  /** The steps of this build by the content of their layers. */
  readonly #madeBy = new Map<Digest, string>();

  constructor(store: Store, build: BuildRecord, earlier: readonly BuildRecord[]) {
    this.#store = store;
    this.#build = build;
    this.#earlier = earlier;
    for (const step of build.steps) {
      const record = this.#recordOf(step);
      if (record) this.#madeBy.set(record.layer.content, step.name);
    }
  }

  /** Undefined for a step that has the result that it had. */
  causeOf(step: StepRecord): Cause | undefined {
    if (step.status === "pending" || step.status === "canceled") return undefined;
    if (step.key === undefined) return step.status === "failed" ? this.#causeOfFailed(step) : undefined;
    const then = this.#earlierStep(step);
    if (!then) return step.status === "cached" ? undefined : (this.#unfinished(step) ?? { kind: "new" });
    return this.#compare(step, then);
  }

  #compare(step: StepRecord, then: StepRecord): Cause | undefined {
    const [record, old] = [this.#recordOf(step), this.#recordOf(then)];
    if (step.status === "cached" && record?.layer.content === old?.layer.content) return undefined;
    if (this.#isUncached(step)) return { kind: "no-cache" };
    if (!record || !old || step.key === then.key) return step.status === "cached" ? undefined : { kind: "lost" };
    const changes = compareInputs(old.inputs, record.inputs, {
      madeBy: (content) => this.#madeBy.get(content),
      layerChanges: () => this.#layerChanges(old, record),
    });
    const named = changes.map((change) => (change.kind === "base" ? this.#nameImages(change, step, then) : change));
    const [only] = changes;
    if (changes.length === 1 && only?.kind === "follows") return only;
    return named.length > 0 ? { kind: "changed", changes: named } : { kind: "lost" };
  }

  /** A step that failed has no record of what it read: its text is known, and the steps before it tell what it followed. */
  #causeOfFailed(step: StepRecord): Cause | undefined {
    const then = this.#earlierStep(step);
    if (!then) return this.#unfinished(step) ?? { kind: "new" };
    const [from, to] = [partsOf(then).text, partsOf(step).text];
    return from === to ? undefined : { kind: "changed", changes: [{ kind: "command", from, to }] };
  }

  #unfinished(step: StepRecord): Cause | undefined {
    const before = this.#earlier.some(({ steps }) => sameStep(step, steps) !== undefined);
    return before ? { kind: "unfinished" } : undefined;
  }

  #earlierStep(step: StepRecord): StepRecord | undefined {
    for (const { steps } of this.#earlier) {
      const found = sameStep(step, steps);
      if (found?.key !== undefined) return found;
    }
    return undefined;
  }

  #isUncached({ stage }: StepRecord): boolean {
    const { noCache, noCacheFilter } = this.#build.asked;
    return noCache || noCacheFilter.some((name) => name.toLowerCase() === stage);
  }

  /** Images as FROM has them say more than digests of layers. */
  #nameImages(change: Change & { readonly kind: "base" }, step: StepRecord, then: StepRecord): Change {
    const build = this.#earlier.find(({ steps }) => steps.includes(then));
    const [from, to] = [baseOf(build?.steps ?? [], then.stage), baseOf(this.#build.steps, step.stage)];
    return from !== undefined && to !== undefined && from !== to ? { kind: "base", from, to } : change;
  }

  #layerChanges(then: CacheRecord, now: CacheRecord) {
    const [old, current] = [then, now].map(({ layer }) => this.#store.layerIndex(layer.diffID));
    return old && current && compareLayers(old.changes, current.changes);
  }

  #recordOf({ key }: StepRecord): CacheRecord | undefined {
    return key === undefined ? undefined : this.#store.records.get(key);
  }
}

/** `docker.io/library/node:20@sha256:…` */
function baseOf(steps: readonly StepRecord[], stage: string | undefined): string | undefined {
  const names = steps.filter((step) => step.stage === stage).map((step) => partsOf(step).text);
  return names.find((text) => /^FROM .*@sha256:/.test(text))?.slice("FROM ".length);
}

type Caused = { readonly step: StepRecord; readonly cause: Cause };

/** What changes for all steps that come after. */
const TOLD_ONCE: readonly Change["kind"][] = ["variable", "base", "input"];

/** What an earlier step told already is not told again: that step stands for it. */
function firstCause(one: Caused, before: readonly Caused[]): Caused {
  if (one.cause.kind !== "changed") return one;
  const told = (change: Change) =>
    before.find(({ cause }) => cause.kind === "changed" && cause.changes.some((other) => isSame(other, change)));
  const steps = one.cause.changes.map((change) => (TOLD_ONCE.includes(change.kind) ? told(change) : undefined));
  const [first] = steps;
  return first && steps.every((step) => step !== undefined)
    ? { ...one, cause: { kind: "follows", step: first.step.name } }
    : one;
}

function isSame(a: Change, b: Change): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function withCost(one: Caused, all: readonly Caused[]): Omit<StepExplanation, "tip"> {
  const followers =
    one.cause.kind === "follows" ? [] : followersOf(one.step.name, all).filter(({ status }) => status === "ran");
  const ran = [one.step, ...followers].filter(({ status }) => status === "ran" || status === "failed");
  return { ...one, followers, cost: ran.reduce((sum, { duration = 0 }) => sum + duration, 0) };
}

function followersOf(name: string, all: readonly Caused[]): readonly StepRecord[] {
  const direct = all.filter(({ cause }) => cause.kind === "follows" && cause.step === name).map(({ step }) => step);
  return direct.flatMap((step) => [step, ...followersOf(step.name, all)]);
}
