// Which stages the target needs, as far as the Dockerfile alone tells. Triggers of base images and sources that a
// variable names may add others; those are planned when they are met. What is wrong is left for planning to find.

import { DockerfileError, type Word } from "../parser/index.js";
import { type Source, baseOf, platformOf, replacementOf } from "./base.js";
import { isStageIndex, sourceOf } from "./sources.js";
import type { Planning } from "./state.js";
import type { Stage, StageInstruction } from "./stages.js";

/** In file order, with `target` among them. Starts to resolve the images that they need (S-064). */
export function reachableStages(target: Stage, planning: Planning): readonly Stage[] {
  const reached = new Set<Stage>();
  const open = [target];
  for (let stage = open.pop(); stage; stage = open.pop()) {
    if (reached.has(stage)) continue;
    reached.add(stage);
    for (const source of [...baseSource(stage, planning), ...namedSources(stage, planning)]) {
      if (source.kind === "stage") open.push(source.stage);
    }
  }
  return planning.stages.filter((stage) => reached.has(stage));
}

function baseSource(stage: Stage, planning: Planning): readonly Source[] {
  return unlessWrong(() => {
    const source = replacementOf(stage, planning) ?? baseOf(stage, planning);
    if (source.kind === "image")
      planning.images.prefetch(source.name, platformOf(stage, planning), stage.from.image.span);
    return source;
  });
}

function namedSources(stage: Stage, planning: Planning): readonly Source[] {
  if (replacementOf(stage, planning)) return [];
  const words = stage.instructions.flatMap(fromWords).filter(({ text }) => /^[^$"'\\`]+$/.test(text));
  return words.flatMap(({ text, span }) =>
    unlessWrong(() => {
      const source = sourceOf(text, span, stage, planning);
      if (source.kind === "image") planning.images.prefetch(source.name, planning.platform, span);
      return source;
    }),
  );
}

function fromWords(instruction: StageInstruction): readonly Word[] {
  if (instruction.kind === "COPY") return instruction.from ? [instruction.from] : [];
  if (instruction.kind !== "RUN") return [];
  const options = instruction.mounts.flatMap((mount) => mount.options);
  return options.flatMap(({ key, value }) => (key === "from" && value && !isStageIndex(value.text) ? value : []));
}

function unlessWrong(find: () => Source): readonly Source[] {
  try {
    return [find()];
  } catch (error) {
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}
