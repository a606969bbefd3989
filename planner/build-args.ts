// Build args that no ARG asks for are most often misspelt.

import { suggest } from "../suggest.js";
import type { PlanWarning } from "./graph.js";
import { isPredefinedArg, BUILDER_ARGS } from "./platform-args.js";

/** @param declared names of the ARGs of the whole Dockerfile */
export function unusedBuildArgs(given: readonly string[], declared: ReadonlySet<string>): readonly PlanWarning[] {
  const unused = given.filter((name) => !declared.has(name) && !isPredefinedArg(name));
  return unused.map((name) => {
    const meant = suggest(name, [...declared, ...BUILDER_ARGS]);
    const question = meant === undefined ? "" : ` (did you mean "${meant}"?)`;
    return { rule: "--build-arg", message: `build argument "${name}" was given, but no ARG uses it${question}` };
  });
}
