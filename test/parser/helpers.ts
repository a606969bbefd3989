// What tests of the parser share.

import { DockerfileError, parse, type Instruction } from "../../parser/index.js";

/** The instructions behind `FROM a`. */
export function instructions(source: string): readonly Instruction[] {
  return parse(`FROM a\n${source}`).instructions.slice(1);
}

/** The only instruction behind `FROM a`. */
export function instruction<K extends Instruction["kind"]>(kind: K, source: string): Extract<Instruction, { kind: K }> {
  const [first, ...others] = instructions(source);
  if (first?.kind !== kind || others.length > 0)
    throw new Error(`expected one ${kind}, found ${first?.kind} and ${others.length} more`);
  return first as Extract<Instruction, { kind: K }>;
}

/** What `run` throws, which must be a DockerfileError. */
export function failure(run: () => unknown): DockerfileError {
  try {
    run();
  } catch (error) {
    if (error instanceof DockerfileError) return error;
    throw error;
  }
  throw new Error("expected a DockerfileError, nothing was thrown");
}

/** The error of a file, or of what stands behind `FROM a`. */
export const failureOf = (source: string): DockerfileError => failure(() => parse(source));
export const failureBehindFrom = (source: string): DockerfileError => failureOf(`FROM a\n${source}`);

/** `line:column+length` */
export function place({ line, column, length }: { line: number; column: number; length: number }): string {
  return `${line}:${column}+${length}`;
}
