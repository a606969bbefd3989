// What a lint rule is and what it finds.
// https://docs.docker.com/reference/build-checks/

import type { Dockerfile, Instruction } from "../ast.js";
import type { Span } from "../source.js";

/** Something that is allowed but probably not meant. */
export interface Finding {
  readonly rule: string;
  readonly message: string;
  readonly span: Span;
  /** Whose comments may skip the rule. */
  readonly instruction: Instruction;
}

/** A finding before its rule is known. */
export type Problem = Omit<Finding, "rule">;

export interface Rule {
  /** As BuildKit calls it. */
  readonly name: string;
  /** One sentence, as for a list of rules. */
  readonly description: string;
  /** True when the rule is silent unless a check directive asks for it. @default false */
  readonly experimental?: boolean;
  find(input: LintInput): Iterable<Problem>;
}

export interface LintInput {
  readonly dockerfile: Dockerfile;
  readonly stages: readonly Stage[];
  /** The ARGs before the first FROM. */
  readonly globals: readonly Instruction[];
  readonly escape: "\\" | "`";
  /** Variables that the image of a FROM sets, or undefined when they are not known. */
  readonly baseVariables: (image: string) => Iterable<string> | undefined;
}

export interface Stage {
  readonly from: Extract<Instruction, { kind: "FROM" }>;
  /** In lower case. */
  readonly name?: string;
  /** The earlier stage that this one is built on. */
  readonly parent?: Stage;
  /** The image at the bottom. */
  readonly root: string;
  /** What stands behind FROM. */
  readonly instructions: readonly Instruction[];
}

export function problem(instruction: Instruction, message: string, span: Span = instruction.span): Problem {
  return { message, span, instruction };
}
