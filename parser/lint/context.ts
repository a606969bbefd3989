// Rules that need more than the tree: the build context, or the image of a FROM.

import type { Dockerfile, Instruction } from "../ast.js";
import type { Finding } from "./rule.js";

export const COPY_IGNORED_FILE = "CopyIgnoredFile";
/** Found by whoever resolves the image. */
export const INVALID_BASE_IMAGE_PLATFORM = "InvalidBaseImagePlatform";

/**
 * COPY and ADD of files that .dockerignore excludes. The rule is experimental.
 *
 * @param isIgnored told the source of an instruction as it is written, without wildcards and variables
 */
export function copyIgnoredFile({ instructions }: Dockerfile, isIgnored: (path: string) => boolean): Finding[] {
  return instructions.flatMap((instruction) => {
    return fromContext(instruction)
      .filter(({ text }) => isIgnored(text))
      .map(({ text, span }) => ({
        rule: COPY_IGNORED_FILE,
        message: `${instruction.kind} takes "${text}", which .dockerignore excludes`,
        span,
        instruction,
      }));
  });
}

/** The sources of COPY and ADD that name one file of the context. */
function fromContext(instruction: Instruction) {
  if (instruction.kind === "COPY" ? instruction.from !== undefined : instruction.kind !== "ADD") return [];
  const { sources } = instruction as Extract<Instruction, { kind: "COPY" | "ADD" }>;
  return sources.filter(({ text }) => !/[*?[\]\\$]|^[a-z][a-z\d+.-]*:\/\/|^git@/.test(text));
}
