// Comments directly above FROM and ARG are descriptions, which name what they describe.

import type { Instruction } from "../ast.js";
import { problem, type Rule } from "./rule.js";

export const invalidDefinitionDescription: Rule = {
  name: "InvalidDefinitionDescription",
  description: "A comment directly above a stage or an ARG begins with its name.",
  experimental: true,
  *find({ dockerfile }) {
    for (const instruction of dockerfile.instructions) {
      const names = described(instruction);
      const comment = instruction.comments.findLast((line) => !line.startsWith("check="));
      if (names.length === 0 || comment === undefined || names.includes(comment.split(" ")[0]!)) continue;
      const name = names.length === 1 ? names[0] : "NAME";
      yield problem(instruction, `the comment above is a description, which begins with a name: # ${name} …`);
    }
  },
};

function described(instruction: Instruction): string[] {
  if (instruction.kind === "ARG") return instruction.args.map(({ name }) => name.text);
  if (instruction.kind !== "FROM" || instruction.as === undefined) return [];
  return [instruction.as.name, instruction.as.name.toLowerCase()].filter(
    (name, index, all) => all.indexOf(name) === index,
  );
}
