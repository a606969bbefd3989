// What the steps of a model's Dockerfile make, computed without any builder: a key is equal exactly when a step that makes
// the same of the same was there before.

import { isCopied, isNeeded, type ModelStep, placeOf, type Project, textOf } from "./project.js";

export interface SimulatedStep {
  /** As progress shows it. */
  readonly text: string;
  /** Of a RUN: its command, variables and the layers below. Of a COPY: what its layer says. */
  readonly key: string;
}

/** Files by path; `644` and content. */
type Layer = Readonly<Record<string, readonly [mode: string, content: string]>>;

export function simulate(project: Project): readonly SimulatedStep[] {
  const all: SimulatedStep[] = [];
  const outputs: string[] = [];
  for (const [number, stage] of project.stages.entries()) {
    const layers: Layer[] = [];
    for (const [position, step] of stage.entries()) {
      if (step.kind === "label") continue;
      const below = JSON.stringify(layers);
      const layer = makeLayer(project, step, number, position, layers, outputs);
      layers.push(layer);
      if (!isNeeded(project, number)) continue;
      const text = shownText(project, step, number, position);
      const key = step.kind === "run" ? JSON.stringify([text, project.value, below]) : JSON.stringify(layer);
      all.push({ text, key });
    }
    outputs.push(Object.values(layers.at(-1) ?? {})[0]?.[1] ?? ""); // the first of two stages ends with a RUN
  }
  return all;
}

function makeLayer(
  project: Project,
  step: Exclude<ModelStep, { readonly kind: "label" }>,
  stage: number,
  position: number,
  layers: readonly Layer[],
  outputs: readonly string[],
): Layer {
  const place = placeOf(stage, position);
  if (step.kind === "copy") return copied(project, step, place);
  if (step.kind === "from") return { [place]: ["644", outputs[0]!] };
  const value = step.usesValue ? ` ${project.value}` : "";
  const read = Object.entries(Object.assign({}, ...layers) as Layer).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { [place]: ["644", `${step.word}${value}\n${read.map(([, [, content]]) => content).join("")}`] };
}

function copied({ files }: Project, step: Extract<ModelStep, { readonly kind: "copy" }>, place: string): Layer {
  const chosen = Object.entries(files).filter(([name]) => isCopied(step.source, name));
  return Object.fromEntries(
    chosen.map(([name, { content, mode }]) => {
      const below = step.source === "." ? name : name.slice(name.lastIndexOf("/") + 1);
      return [`${place}/${below}`, [step.chmod ?? mode.toString(8), content]];
    }),
  );
}

/** ARG values stand in the names of steps. */
function shownText(project: Project, step: ModelStep, stage: number, position: number): string {
  return textOf(step, stage, position, project.stages).replaceAll("$VALUE", project.value);
}
