// Lint rules over a syntax tree, by the names that BuildKit gave them.
// https://docs.docker.com/reference/build-checks/

import type { Dockerfile, Instruction } from "../ast.js";
import { DEFAULT_CHECK, parseCheck, type CheckOptions } from "../check.js";
import { consistentInstructionCasing, fromAsCasing, prefersLowerCase, stageNameCasing } from "./casing.js";
import { COPY_IGNORED_FILE, copyIgnoredFile, INVALID_BASE_IMAGE_PLATFORM } from "./context.js";
import { invalidDefinitionDescription } from "./descriptions.js";
import { exposeInvalidFormat, exposeProtoCasing } from "./expose.js";
import {
  jsonArgsRecommended,
  legacyKeyValueFormat,
  maintainerDeprecated,
  multipleInstructionsDisallowed,
  noEmptyContinuation,
} from "./forms.js";
import { fromPlatformFlagConstDisallowed, redundantTargetPlatform } from "./platform.js";
import type { Finding, LintInput, Rule } from "./rule.js";
import { secretsUsedInArgOrEnv } from "./secrets.js";
import { duplicateStageName, reservedStageName } from "./stage-names.js";
import { splitStages } from "./stages.js";
import { tolerant } from "./tolerant.js";
import { invalidDefaultArgInFrom, undefinedArgInFrom, undefinedVar } from "./variables.js";
import { workdirRelativePath } from "./workdir.js";

export { copyIgnoredFile, prefersLowerCase, type Finding };

const TREE_RULES: readonly Rule[] = [
  stageNameCasing,
  fromAsCasing,
  noEmptyContinuation,
  consistentInstructionCasing,
  duplicateStageName,
  reservedStageName,
  jsonArgsRecommended,
  maintainerDeprecated,
  undefinedArgInFrom,
  workdirRelativePath,
  undefinedVar,
  multipleInstructionsDisallowed,
  legacyKeyValueFormat,
  redundantTargetPlatform,
  secretsUsedInArgOrEnv,
  invalidDefaultArgInFrom,
  fromPlatformFlagConstDisallowed,
  invalidDefinitionDescription,
  exposeProtoCasing,
  exposeInvalidFormat,
];

export interface RuleInfo {
  readonly name: string;
  readonly description: string;
  /** True when the rule is silent unless a check directive asks for it. */
  readonly experimental: boolean;
}

/** Every rule, those included that need more than the tree. */
export const LINT_RULES: readonly RuleInfo[] = [
  ...TREE_RULES.map(({ name, description, experimental = false }) => ({ name, description, experimental })),
  {
    name: COPY_IGNORED_FILE,
    description: "COPY and ADD take no files that .dockerignore excludes.",
    experimental: true,
  },
  {
    name: INVALID_BASE_IMAGE_PLATFORM,
    description: "The base image is for the platform that is built.",
    experimental: false,
  },
];

export interface LintOptions {
  /** What the check directive of the file would say. Default: that directive */
  readonly check?: CheckOptions;
  /**
   * Names of variables that an image sets, or undefined when they are not known: then only those variables are reported as undefined
   * that are nearly the name of a known one. Default: nothing is known
   */
  readonly baseVariables?: (image: string) => Iterable<string> | undefined;
}

/** What the rules find that the tree alone decides, in the order of lines, without what the file skips. */
export function lint(dockerfile: Dockerfile, options: LintOptions = {}): Finding[] {
  const input: LintInput = {
    dockerfile,
    ...splitStages(dockerfile),
    escape: dockerfile.directives.find(({ name }) => name === "escape")?.value === "`" ? "`" : "\\",
    baseVariables: options.baseVariables ?? (() => undefined),
  };
  const findings = TREE_RULES.flatMap((rule) =>
    [...rule.find(input)].map((problem) => ({ rule: rule.name, ...problem })),
  );
  return selectFindings(dockerfile, findings, options.check);
}

/**
 * The findings without the rules that `check` or comments such as `# check=skip=StageNameCasing` above an instruction skip, and
 * without experimental ones that nobody asked for.
 */
export function selectFindings(
  dockerfile: Dockerfile,
  findings: readonly Finding[],
  check = checkOptions(dockerfile),
): Finding[] {
  return findings
    .filter(
      ({ rule, instruction }) => isOn(rule, check) && !commentChecks(instruction).some((each) => skips(rule, each)),
    )
    .sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
}

/** What the check directive of the file says. */
export function checkOptions({ directives }: Dockerfile): CheckOptions {
  const directive = directives.find(({ name }) => name === "check");
  return directive ? parseCheck(directive.value, directive.span) : DEFAULT_CHECK;
}

function isOn(rule: string, check: CheckOptions): boolean {
  const experimental = LINT_RULES.find(({ name }) => name === rule)?.experimental ?? false;
  const asked = !experimental || check.experimentalAll || check.experimental.includes(rule);
  return asked && !skips(rule, check);
}

function skips(rule: string, { skip, skipAll }: CheckOptions): boolean {
  return skipAll || skip.includes(rule);
}

/** A comment that cannot be read as a check is an ordinary comment. */
function commentChecks({ comments, span }: Instruction): CheckOptions[] {
  return comments.flatMap((comment) => {
    const check = comment.startsWith("check=")
      ? tolerant(() => parseCheck(comment.slice("check=".length), span))
      : undefined;
    return check ? [check] : [];
  });
}
