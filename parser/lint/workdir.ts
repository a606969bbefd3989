// WORKDIR should not depend on what the base image has.

import { problem, type LintInput, type Rule, type Stage } from "./rule.js";
import { scopes, valueOf } from "./scope.js";
import { lineage } from "./stages.js";

export const workdirRelativePath: Rule = {
  name: "WorkdirRelativePath",
  description: "The first WORKDIR of a build is absolute.",
  *find(input) {
    for (const stage of input.stages) {
      let absolute = lineage(stage)
        .slice(0, -1)
        .some((parent) => setsAbsolute(parent, input));
      for (const [instruction, { variables }] of scopes(stage, input)) {
        if (instruction.kind !== "WORKDIR" || absolute) continue;
        const path = valueOf(instruction.path, variables, input);
        absolute = isAbsolute(path);
        if (!absolute)
          yield problem(
            instruction,
            `WORKDIR ${path} is below whatever directory the base image has`,
            instruction.path.span,
          );
      }
    }
  },
};

function setsAbsolute(stage: Stage, input: LintInput): boolean {
  for (const [instruction, { variables }] of scopes(stage, input)) {
    if (instruction.kind === "WORKDIR" && isAbsolute(valueOf(instruction.path, variables, input))) return true;
  }
  return false;
}

/** Paths of Windows have a drive or begin with a backslash. A path that the tree does not tell is taken for absolute. */
function isAbsolute(path: string | undefined): boolean {
  return path === undefined || /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
}
