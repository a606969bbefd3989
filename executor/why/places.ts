// Where the steps of a graph stand, as names that other builds of the Dockerfile have too.

import type { Vertex } from "../../planner/index.js";
import type { StepPlace } from "./step-index.js";

/** @returns nothing for what makes no layer */
export function placesOf(vertices: readonly Vertex[]): ReadonlyMap<number, StepPlace> {
  const counts = new Map<string, number>();
  const places = new Map<number, StepPlace>();
  for (const { id, op, name, stage = "", platform = "" } of vertices) {
    const position = counts.get(stage) ?? 0;
    counts.set(stage, position + 1);
    if ("parent" in op) places.set(id, { stage, platform, position, text: name.replace(/^\[[^\]]*\] /, "") });
  }
  return places;
}

/** Where the base image of a stage is kept. */
export function basePlace({ stage, platform }: StepPlace): StepPlace {
  return { stage, platform, position: undefined, text: "FROM" };
}
