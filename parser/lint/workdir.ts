// WORKDIR should not depend on what the base image has.

import { problem, type Rule, type Stage } from "./rule.js";
import { scopes, valueOf } from "./scope.js";

export const workdirRelativePath: Rule = {
  name: "WorkdirRelativePath",
  description: "The first WORKDIR of a build is absolute.",
  *find(input) {
    const set = new Set<Stage>();
    for (const [stage, instruction, { variables }] of scopes(input)) {
      if (stage.parent && set.has(stage.parent)) set.add(stage);
      if (instruction.kind !== "WORKDIR" || set.has(stage)) continue;
      const path = valueOf(instruction.path, variables, input);
      set.add(stage);
      if (!isAbsolute(path))
        yield problem(
          instruction,
          `WORKDIR ${path} is below whatever directory the base image has`,
          instruction.path.span,
        );
    }
  },
};

/** Paths of Windows have a drive or begin with a backslash. A path that the tree does not tell is taken for absolute. */
function isAbsolute(path: string | undefined): boolean {
  return path === undefined || /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
}
