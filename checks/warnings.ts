// All that is allowed in a Dockerfile but probably not meant: what the tree tells, the build context and the base images.
// https://docs.docker.com/reference/build-checks/

import { posix } from "node:path";
import { TsbuildError } from "../errors.js";
import {
  type CheckOptions,
  checkOptions,
  copyIgnoredFile,
  type Dockerfile,
  DockerfileError,
  type Finding,
  lint,
  LINT_RULES,
  parseCheck,
  selectFindings,
  type Span,
} from "../parser/index.js";
import { type DirectoryContext, IgnoreMatcher, type PlanWarning } from "../planner/index.js";

export interface CheckWarning extends PlanWarning {
  /** One sentence on the rule. */
  readonly description: string;
  /** Where the rule is explained. */
  readonly url: string;
  readonly span: Span;
}

export interface WarningOptions {
  /** `BUILDKIT_DOCKERFILE_CHECK` replaces the check directive of the file. */
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly context?: DirectoryContext;
  /** Names of the variables that an image sets; undefined when they are not known. */
  readonly baseVariables: (image: string) => readonly string[] | undefined;
  /** What planning found; those that name a lint rule are selected as all others are. */
  readonly planned: readonly PlanWarning[];
}

export interface FoundWarnings {
  /** In file order, without what is skipped. */
  readonly warnings: readonly CheckWarning[];
  /** True when any of them fails the build. */
  readonly error: boolean;
}

/** @throws bad_directive for a BUILDKIT_DOCKERFILE_CHECK that cannot be read */
export function findWarnings(dockerfile: Dockerfile, options: WarningOptions): FoundWarnings {
  const check = checkOf(dockerfile, options.buildArgs);
  const { baseVariables, context, planned } = options;
  const inTree = lint(dockerfile, { check, baseVariables });
  const around = [...(context ? ignoredFiles(dockerfile, context) : []), ...plannedFindings(dockerfile, planned)];
  const findings = [...inTree, ...selectFindings(dockerfile, around, check)];
  return { warnings: findings.map(warningOf).sort(inFileOrder), error: check.error };
}

/** The failure of a build whose warnings are errors. */
export function checkFailure([first, ...others]: readonly CheckWarning[]): DockerfileError {
  return failure(
    first!,
    others.map((other) => failure(other)),
  );
}

function failure({ rule, message, span }: CheckWarning, others: readonly DockerfileError[] = []): DockerfileError {
  const hint = `Correct it, or write "# check=skip=${rule}" above the instruction.`;
  return new DockerfileError("check_failed", `${rule}: ${message}`, span, { hint, others });
}

/** @throws bad_directive for a BUILDKIT_DOCKERFILE_CHECK that cannot be read */
export function checkOf(dockerfile: Dockerfile, buildArgs: WarningOptions["buildArgs"]): CheckOptions {
  const given = buildArgs?.["BUILDKIT_DOCKERFILE_CHECK"];
  if (given === undefined) return checkOptions(dockerfile);
  try {
    return parseCheck(given, { file: dockerfile.file, line: 1, column: 1, length: 0 });
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    const hint = 'Write it like "skip=JSONArgsRecommended,StageNameCasing;error=true".';
    throw new TsbuildError("bad_directive", `build argument BUILDKIT_DOCKERFILE_CHECK: ${error.message}`, { hint });
  }
}

/** A folder with something in it that is not ignored is not ignored either. */
function ignoredFiles(dockerfile: Dockerfile, { ignore }: DirectoryContext): Finding[] {
  const matcher = new IgnoreMatcher(ignore);
  if (matcher.isEmpty) return [];
  return copyIgnoredFile(dockerfile, (path) => {
    const clean = posix.normalize(`/${path}`).replace(/^\/|\/$/g, "");
    return clean !== "" && matcher.canPrune(clean);
  });
}

function plannedFindings({ instructions }: Dockerfile, planned: readonly PlanWarning[]): Finding[] {
  return planned.flatMap(({ rule, message, span }) => {
    const instruction = instructions.find((each) => each.kind === "FROM" && each.image.span === span);
    return span && instruction ? [{ rule, message, span, instruction }] : [];
  });
}

function warningOf({ rule, message, span }: Finding): CheckWarning {
  const description = LINT_RULES.find(({ name }) => name === rule)?.description ?? "";
  return { rule, message, description, url: urlOf(rule), span };
}

/** The page of docker that explains the rule: all rules are docker's. */
function urlOf(rule: string): string {
  const name = rule.replace(/([a-z])(?=[A-Z])|([A-Z]+)(?=[A-Z][a-z])/g, "$1$2-").toLowerCase();
  return `https://docs.docker.com/go/dockerfile/rule/${name}/`;
}

function inFileOrder({ span: a }: CheckWarning, { span: b }: CheckWarning): number {
  return a.line - b.line || a.column - b.column;
}
