// Steps of a past build, and how users name them.

import { TsbuildError } from "../errors.js";
import { StepIndex, type StepPlace } from "../executor/index.js";
import type { BuildRecord, StepRecord } from "./record.js";

/** `[builder 2/5] RUN npm ci`, taken apart; no number of what is no numbered step. */
export function partsOf({ name }: Pick<StepRecord, "name">): { readonly number?: number; readonly text: string } {
  const [head = "", number] = /^\[(?:[^\]]* )? *(\d+)\/\d+\] /.exec(name) ?? [];
  if (number === undefined) return { text: name.replace(/^\[[^\]]*\] /, "") };
  return { number: Number(number), text: name.slice(head.length) };
}

/**
 * @param wanted a number as progress shows it, of the last stage; `STAGE:NUMBER`; the name of the log's vertex; or a part
 *   of the name that only one step has
 * @throws usage
 */
export function findStep({ steps }: BuildRecord, wanted: string): StepRecord {
  const [, stage = lastStage(steps), number] = /^(?:(.+):)?(\d+)$/.exec(wanted) ?? [];
  const numbered =
    number === undefined ? [] : steps.filter((step) => step.stage === stage && partsOf(step).number === Number(number));
  if (numbered.length > 0) return numbered[0]!;
  const named = steps.filter(({ name }) => name === wanted || (number === undefined && name.includes(wanted)));
  if (named.length === 1) return named[0]!;
  const found = named.length === 0 ? "none" : `${named.length} of them`;
  throw new TsbuildError("usage", `expected one step that "${wanted}" names, found ${found}`, {
    hint: `Give a number as progress shows it, STAGE:NUMBER, or words of one of: ${steps.map(({ name }) => name).join(", ")}.`,
  });
}

function lastStage(steps: readonly StepRecord[]): string | undefined {
  return steps.findLast((step) => partsOf(step).number !== undefined)?.stage;
}

/** The steps of a build, to be found by the steps of another that stand for the same. */
export class StepFinder {
  readonly #steps: StepIndex<StepRecord>;

  constructor({ steps }: Pick<BuildRecord, "steps">) {
    this.#steps = new StepIndex(steps.map((step) => [placeOf(step), step] as const));
  }

  find(step: StepRecord): StepRecord | undefined {
    return this.#steps.find(placeOf(step));
  }
}

function placeOf(step: StepRecord): StepPlace {
  const { number: position, text } = partsOf(step);
  return { stage: step.stage ?? "", platform: platformOf(step) ?? "", position, text };
}

/** Of a build for several platforms: `[linux/arm64 builder 2/5] …`. */
function platformOf({ name }: StepRecord): string | undefined {
  return /^\[([a-z0-9]+\/[^\] ]+) /.exec(name)?.[1];
}
