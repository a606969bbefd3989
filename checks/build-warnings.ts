// The warnings of a build: those of planning, and what the checks find.

import { type Dockerfile, LINT_RULES } from "../parser/index.js";
import type { BuildGraph, DirectoryContext, PlanWarning } from "../planner/index.js";
import type { KnownImages } from "./known-images.js";
import { checkFailure, findWarnings } from "./warnings.js";

export interface BuildWarningOptions {
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly context: DirectoryContext;
  /** What the plan resolved. */
  readonly images: KnownImages;
}

/** @throws check_failed when the check directive says that warnings are errors */
export function buildWarnings(
  dockerfile: Dockerfile,
  graph: Pick<BuildGraph, "warnings">,
  { images, ...options }: BuildWarningOptions,
): readonly PlanWarning[] {
  const baseVariables = images.variablesIn(dockerfile);
  const { warnings, error } = findWarnings(dockerfile, { ...options, baseVariables, planned: graph.warnings });
  if (error && warnings.length > 0) throw checkFailure(warnings);
  return [...warnings, ...graph.warnings.filter(({ rule }) => !isLintRule(rule))];
}

function isLintRule(name: string): boolean {
  return LINT_RULES.some((rule) => rule.name === name);
}
