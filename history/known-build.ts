// What a shared cache knows of a Dockerfile, in the form of a past build: so that a build is compared with either alike.

import type { CacheRecord } from "../cache/index.js";
import type { BuildRecord, StepRecord } from "./record.js";

/** The steps that somebody knows of the same Dockerfile. */
export interface KnownSteps {
  /** Stands for the id of a build. */
  readonly name: string;
  readonly steps: readonly { readonly key: string; readonly name: string; readonly record: CacheRecord }[];
  /** Inputs as they are kept there, so that equal ones are equal. */
  readonly shown: (inputs: unknown) => unknown;
}

/** @param build what is compared: steps of equal labels are of equal stages */
export function knownBuild({ name, steps }: KnownSteps, build: BuildRecord): BuildRecord {
  const stages = new Map(build.steps.map((step) => [labelOf(step.name), step.stage]));
  const created = steps.map(({ record }) => record.layer.created).sort();
  return {
    version: 1,
    id: name,
    started: created.at(-1) ?? build.started,
    status: "done",
    asked: { ...build.asked, tags: [] },
    steps: steps.map((step): StepRecord => {
      const stage = stages.get(labelOf(step.name));
      const known = { vertex: step.key, name: step.name, key: step.key, status: "cached" as const };
      return { ...known, ...(stage !== undefined && { stage }) };
    }),
  };
}

/** `linux/arm64 builder` of `[linux/arm64 builder 2/5] RUN npm ci`; the number alone says no stage. */
function labelOf(name: string): string {
  return /^\[(.*?) *\d+\/\d+\] /.exec(name)?.[1] ?? "";
}
