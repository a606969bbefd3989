// A flat list of instructions as stages.

import type { Dockerfile, Instruction } from "../ast.js";
import type { Stage } from "./rule.js";

/** The instructions before the first FROM, and the stages. */
export function splitStages({ instructions }: Dockerfile): {
  globals: readonly Instruction[];
  stages: readonly Stage[];
} {
  const starts = instructions.flatMap(({ kind }, index) => (kind === "FROM" ? [index] : []));
  const named = new Map<string, Stage>();
  const stages = starts.map((start, index) => {
    const from = instructions[start] as Stage["from"];
    const parent = named.get(from.image.text);
    const name = from.as?.name.toLowerCase();
    const stage: Stage = {
      from,
      ...(name !== undefined && { name }),
      ...(parent && { parent }),
      root: parent?.root ?? from.image.text,
      instructions: instructions.slice(start + 1, starts[index + 1]),
    };
    if (name !== undefined) named.set(name, stage);
    return stage;
  });
  return { globals: instructions.slice(0, starts[0]), stages };
}
