// Rules about upper and lower case.

import type { Dockerfile, Instruction } from "../ast.js";
import { problem, type Rule } from "./rule.js";

export const stageNameCasing: Rule = {
  name: "StageNameCasing",
  description: "Names of stages are in lower case.",
  *find({ stages }) {
    for (const { from } of stages) {
      if (from.as === undefined || from.as.name === from.as.name.toLowerCase()) continue;
      yield problem(from, `the name of stage "${from.as.name}" should be in lower case`, from.as.span);
    }
  },
};

export const fromAsCasing: Rule = {
  name: "FromAsCasing",
  description: "AS is in the same case as its FROM.",
  *find({ stages }) {
    for (const { from } of stages) {
      const { keyword, as } = from;
      if (as === undefined) continue;
      const expected = keyword === keyword.toLowerCase() ? as.keyword.toLowerCase() : as.keyword.toUpperCase();
      if (as.keyword !== expected) yield problem(from, `"${as.keyword}" should be in the same case as "${keyword}"`);
    }
  },
};

export const consistentInstructionCasing: Rule = {
  name: "ConsistentInstructionCasing",
  description: "All instructions are in upper case, or all in lower case.",
  *find({ dockerfile }) {
    const lower = prefersLowerCase(dockerfile);
    for (const instruction of dockerfile.instructions) {
      if (lower ? isLower(instruction) : isUpper(instruction)) continue;
      yield problem(
        instruction,
        `"${instruction.keyword}" should be in ${lower ? "lower" : "upper"} case as most instructions are`,
      );
    }
  },
};

/** Whether most instructions are in lower case. */
export function prefersLowerCase({ instructions }: Pick<Dockerfile, "instructions">): boolean {
  return count(instructions, isLower) > count(instructions, isUpper);
}

const isLower = ({ keyword }: Instruction): boolean => keyword === keyword.toLowerCase();
const isUpper = ({ keyword }: Instruction): boolean => keyword === keyword.toUpperCase();

function count(instructions: readonly Instruction[], holds: (instruction: Instruction) => boolean): number {
  return instructions.filter(holds).length;
}
