// The stages of a Dockerfile that can be built, with what the comments above them say.
// https://docs.docker.com/reference/cli/docker/buildx/build/#call-targets

import type { Dockerfile, FromInstruction, Instruction, Span } from "../parser/index.js";

export interface Target {
  /** Absent for the last stage when it has none; other stages without a name are no targets. */
  readonly name?: string;
  /** What follows the name in a comment directly above. */
  readonly description?: string;
  /** True for the stage that is built when none is asked for. */
  readonly default: boolean;
  /** The image or stage after FROM, as it is written. */
  readonly base: string;
  readonly platform?: string;
  readonly span: Span;
}

export function listTargets({ instructions }: Dockerfile): Target[] {
  const stages = instructions.filter((instruction) => instruction.kind === "FROM");
  const last = stages.at(-1);
  return stages.filter((from) => from.as !== undefined || from === last).map((from) => targetOf(from, from === last));
}

function targetOf(from: FromInstruction, isDefault: boolean): Target {
  const name = from.as?.name.toLowerCase();
  const description = from.as && descriptionOf(from, from.as.name);
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    default: isDefault,
    base: from.image.text,
    ...(from.platform && { platform: from.platform.text }),
    span: from.span,
  };
}

/** The comment `# NAME what it is for` directly above an instruction. */
export function descriptionOf({ comments }: Instruction, name: string): string | undefined {
  const line = comments.find((comment) => comment.toLowerCase().startsWith(`${name.toLowerCase()} `));
  return line?.slice(name.length + 1).trim();
}
