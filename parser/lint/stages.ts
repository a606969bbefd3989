// A flat list of instructions as stages.

import type { Dockerfile, Instruction } from "../ast.js";
import type { Stage } from "./rule.js";

/** The instructions before the first FROM, and the stages. */
export function splitStages({ instructions }: Dockerfile): {
  globals: readonly Instruction[];
  stages: readonly Stage[];
} {
  const starts = instructions.flatMap(({ kind }, index) => (kind === "FROM" ? [index] : []));
  const stages: Stage[] = [];
  for (const [index, start] of starts.entries()) {
    const from = instructions[start] as Stage["from"];
    const parent = stages.findLast(({ name }) => name === from.image.text);
    const name = from.as?.name.toLowerCase();
    stages.push({
      from,
      ...(name !== undefined && { name }),
      ...(parent && { parent }),
      instructions: instructions.slice(start + 1, starts[index + 1]),
    });
  }
  return { globals: instructions.slice(0, starts[0]), stages };
}

/** The stage and those that it is built on, the oldest first. */
export function lineage(stage: Stage): Stage[] {
  const line: Stage[] = [];
  for (let each: Stage | undefined = stage; each; each = each.parent) line.push(each);
  return line.reverse();
}

/** The image at the bottom of the stage. */
export function rootImage(stage: Stage): string {
  return lineage(stage)[0]!.from.image.text;
}
