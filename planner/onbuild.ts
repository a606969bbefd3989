// ONBUILD: instructions that wait for a child image.
// https://docs.docker.com/reference/dockerfile/#onbuild

import { DockerfileError, parseTrigger } from "../parser/index.js";
import { at } from "./error.js";
import type { Line } from "./state.js";
import type { Stage, StageInstruction } from "./stages.js";

/** The triggers of a base image as lines of the stage that uses it: they point at its FROM (S-072, S-074). */
export function triggerLines(triggers: readonly string[], stage: Stage): readonly Line[] {
  const { from } = stage;
  return triggers.map((trigger) => ({
    instruction: parse(trigger, stage),
    span: from.span,
    lines: [from.startLine, from.endLine],
    onbuild: true,
  }));
}

function parse(trigger: string, { from }: Stage): StageInstruction {
  const instruction = parseAt(trigger, from.span);
  if (instruction.kind !== "FROM" && instruction.kind !== "ONBUILD" && instruction.kind !== "MAINTAINER")
    return instruction;
  throw new DockerfileError(
    "instruction_not_allowed",
    `the base image has the trigger "${trigger}", but ${instruction.kind} cannot be one`,
    from.span,
    {
      hint: "Use another base image.",
    },
  );
}

function parseAt(trigger: string, span: Stage["from"]["span"]) {
  try {
    return parseTrigger(trigger);
  } catch (error) {
    throw at(span, error);
  }
}
