// Why the steps of a build ran: each compared with itself in the earlier build that differs least. First causes are told
// with what changed; of all that follows only which cause it follows.

import type { Store } from "../cache/index.js";
import type { Change } from "../executor/index.js";
import { type Cause, Causes } from "./causes.js";
import { type EarlierBuild, earlierBuilds } from "./earlier.js";
import { type KnownSteps, knownBuild } from "./known-build.js";
import type { BuildRecord, StepRecord } from "./record.js";
import { StepFinder } from "./steps.js";
import { tipFor } from "./tips.js";

export interface Explanation {
  readonly build: BuildRecord;
  /** The build that it is compared with: of the earlier ones of the same Dockerfile the one that differs least. Absent when there is none. */
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

export interface ExplainOptions {
  /** An earlier build to compare with, or what a shared cache knows. @default those that differ least, and of them one that reached the step */
  readonly against?: BuildRecord | KnownSteps;
}

export function explainBuild(store: Store, build: BuildRecord, { against }: ExplainOptions = {}): Explanation {
  const earlier = against ? [givenBuild(against, build)] : earlierBuilds(store, build);
  const causes = new Causes(store, build, earlier);
  const caused = build.steps.flatMap((step) => {
    const cause = causes.of(step);
    return cause ? [{ step, cause }] : [];
  });
  const first = firstCauses(caused);
  const steps = first.map((one) => withCost(one, first)).map((one) => ({ ...one, ...tipFor(one, build) }));
  return { build, ...(earlier[0] && { against: earlier[0].build }), steps };
}

function givenBuild(against: BuildRecord | KnownSteps, build: BuildRecord): EarlierBuild {
  if ("id" in against) return { build: against, steps: new StepFinder(against) };
  const known = knownBuild(against, build);
  const records = new Map(against.steps.map(({ key, record }) => [key, record]));
  return { build: known, steps: new StepFinder(known), records, shown: against.shown };
}

type Caused = { readonly step: StepRecord; readonly cause: Cause };

/** What changes for all steps that come after. */
const TOLD_ONCE: readonly Change["kind"][] = ["variable", "base", "input"];

/** What an earlier step told already is not told again: that step stands for it. */
function firstCauses(all: readonly Caused[]): readonly Caused[] {
  const told = new Map<string, string>();
  return all.map((one): Caused => {
    if (one.cause.kind !== "changed") return one;
    const changes = one.cause.changes.map((change) => ({ kind: change.kind, text: JSON.stringify(change) }));
    const before = changes.map(({ kind, text }) => (TOLD_ONCE.includes(kind) ? told.get(text) : undefined));
    for (const { text } of changes) if (!told.has(text)) told.set(text, one.step.name);
    const [first] = before;
    return first !== undefined && before.every((step) => step !== undefined)
      ? { ...one, cause: { kind: "follows", step: first } }
      : one;
  });
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
