// `tsbuild plan`: which steps of a build would run, why, and how long that would take. Nothing is executed, nothing is kept.

import { withDate } from "./date.js";
import { executeOptions } from "./execution.js";
import { load, planBuild } from "./phases.js";
import { begin } from "./session.js";
import { predict, type Prediction } from "../executor/index.js";
import type { BuildOptions } from "./options.js";
import { withoutImage } from "./picks.js";
import { type BuildGraph, inputsOf } from "../planner/index.js";
import { withDefaults } from "./resolved-options.js";

export interface PredictedStep {
  /** `[builder 2/5] RUN npm ci` */
  readonly name: string;
  readonly stage?: string;
  readonly lines?: readonly [number, number];
  /** `depends`: on what a step that would run turns out to be. */
  readonly outcome: Prediction["outcome"];
  readonly why?: string;
  /** The name of the step that it depends on. */
  readonly on?: string;
  /** Milliseconds that it took the last time. Absent when it never ran here. */
  readonly duration?: number;
}

export interface BuildPrediction {
  /** Those that make a layer, in the order of the Dockerfile. */
  readonly steps: readonly PredictedStep[];
  /** Milliseconds along the slowest chain of steps, as far as the past tells. */
  readonly time: {
    /** When all that depends is found to be cached. */
    readonly least: number;
    /** When all that depends has to run. */
    readonly most: number;
    /** How many of the steps that would or may run never ran here, so that their time is not known. */
    readonly unknown: number;
  };
}

/** @throws what `build` throws before a step runs */
export async function predictBuild(options: BuildOptions = {}): Promise<BuildPrediction> {
  const given = await begin(withoutImage(withDefaults(options)));
  given.recorder.discard();
  try {
    const loaded = await load(given);
    const session = await withDate(given, loaded);
    const graphs = await planBuild(session, loaded);
    const predictions = await predict(graphs[0]!, executeOptions(session, graphs, loaded));
    return { steps: predictions.map(stepOf), time: timeOf(graphs[0]!, predictions) };
  } catch (error) {
    throw given.fail(error);
  } finally {
    await given.end();
  }
}

function stepOf({ vertex, ...prediction }: Prediction): PredictedStep {
  const { name, stage, lines } = vertex;
  return { name, ...(stage !== undefined && { stage }), ...(lines && { lines }), ...prediction };
}

function timeOf(graph: BuildGraph, predictions: readonly Prediction[]): BuildPrediction["time"] {
  const open = predictions.filter(({ outcome }) => outcome !== "cached");
  const certain = open.filter(({ outcome }) => outcome === "runs");
  return {
    least: slowestChain(graph, certain),
    most: slowestChain(graph, open),
    unknown: open.filter(({ duration }) => duration === undefined).length,
  };
}

/** Inputs come before what uses them. */
function slowestChain({ vertices }: BuildGraph, predictions: readonly Prediction[]): number {
  const times = new Map(predictions.map(({ vertex, duration = 0 }) => [vertex.id, duration]));
  const ends: number[] = [];
  for (const { id, op } of vertices) {
    const begins = Math.max(0, ...inputsOf(op).map((input) => ends[input] ?? 0));
    ends[id] = begins + (times.get(id) ?? 0);
  }
  return Math.max(0, ...ends);
}
