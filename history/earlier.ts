// The builds that a build is compared with: earlier ones of the same Dockerfile, the one that differs least first.

import type { CacheRecord, Store } from "../cache/index.js";
import { ownDifferences } from "../executor/index.js";
import { pastBuildsOf } from "./builds.js";
import type { BuildRecord, StepRecord } from "./record.js";
import { StepFinder } from "./steps.js";

/** Builds of the Dockerfile that are looked at, the latest. */
const MOST_BUILDS = 20;

/** Builds, and steps of each, whose inputs are compared, where they differ by equally many steps. */
const MOST_COMPARED = 4;
const MOST_STEPS = 50;

/** What a build is compared with. */
export interface EarlierBuild {
  readonly build: BuildRecord;
  readonly steps: StepFinder;
  /** What its steps were made of, by the keys of their records. @default what the store knows */
  readonly records?: ReadonlyMap<string, CacheRecord>;
  /** Inputs of steps as `records` have them. @default as they are */
  readonly shown?: (inputs: unknown) => unknown;
}

/**
 * By how many steps have other results; then by how many have other inputs of their own; then the latest. What is equal to
 * some earlier build is compared with the latest: an edit was taken back.
 */
export function earlierBuilds(store: Store, build: BuildRecord): readonly EarlierBuild[] {
  const made = build.steps.filter(({ key }) => key !== undefined);
  const builds = [...pastBuildsOf(store, build, MOST_BUILDS)].map((other) => {
    const steps = new StepFinder(other);
    const different = made.filter((step) => steps.find(step)?.key !== step.key);
    return { build: other, steps, different };
  });
  const ranked = builds.toSorted((a, b) => a.different.length - b.different.length);
  const least = ranked[0]?.different.length;
  if (least === 0) return builds;
  const near = ranked.filter(({ different }) => different.length === least);
  if (near.length < 2) return ranked;
  const compared = near.slice(0, MOST_COMPARED).map((one) => ({ ...one, own: ownChanges(store, one) }));
  return [...compared.toSorted((a, b) => a.own - b.own), ...ranked.slice(compared.length)];
}

/** Steps that read something else, not only another result of a step before them. What was never reached counts more. */
function ownChanges(
  { records }: Store,
  { steps, different }: Pick<EarlierBuild, "steps"> & { readonly different: readonly StepRecord[] },
): number {
  const inputsOf = (step: StepRecord | undefined) =>
    step?.key === undefined ? undefined : records.get(step.key)?.inputs;
  const counts = different.slice(0, MOST_STEPS).map((step) => {
    const [then, now] = [inputsOf(steps.find(step)), inputsOf(step)];
    return then === undefined || now === undefined ? 2 : Math.min(1, ownDifferences(then, now));
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
