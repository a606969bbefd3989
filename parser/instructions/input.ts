// What the reader of an instruction is given, and what it gives back.

import type { Command, Heredoc, Instruction, Word } from "../ast.js";
import { DockerfileError } from "../error.js";
import type { Flags, FlagTable } from "../flags.js";
import type { HeredocPlace } from "../heredoc.js";
import type { Escape } from "../lines.js";
import type { SourceFile } from "../source.js";
import type { Text } from "../text.js";

export type Kind = Instruction["kind"];

/** The fields that an instruction has beyond those that every one has. */
export type Fields<K extends Kind> = Omit<Extract<Instruction, { kind: K }>, Common>;
type Common = "kind" | "keyword" | "span" | "startLine" | "endLine" | "text" | "flags" | "comments" | "emptyLines";

export interface Input {
  readonly file: SourceFile;
  readonly escape: Escape;
  readonly keyword: Text;
  /** Behind the flags, without white space at both ends. */
  readonly args: Text;
  readonly flags: Flags;
  /** The strings of the JSON form, where the instruction has one and it is written so. */
  readonly json: readonly Word[] | undefined;
  readonly heredocs: readonly Heredoc[];
  /** Where in `args` the heredoc words stand. */
  readonly heredocPlaces: readonly HeredocPlace[];
}

/** How one instruction is read. */
export interface Rule<K extends Kind> {
  readonly flags: FlagTable;
  /** Whether arguments may be a JSON array. @default false */
  readonly json?: boolean;
  /** Whether words such as `<<EOF` begin heredocs. @default false */
  readonly heredocs?: boolean;
  read(input: Input): Fields<K>;
}

export const NO_FLAGS: FlagTable = {};

/** The arguments as a word. @throws DockerfileError `missing_argument` when there are none */
export function wholeArgument(input: Input, what: string): Word {
  if (input.args.length === 0) throw missing(input, what, `${nameOf(input)} requires exactly one argument`);
  return input.args.word();
}

/**
 * @param what the missing thing with its article: `a path`
 * @param message what BuildKit says of it
 */
export function missing(
  input: Pick<Input, "keyword">,
  what: string,
  message = `${nameOf(input)} requires at least one argument`,
): DockerfileError {
  const hint = `Write ${what} after ${nameOf(input)}.`;
  return new DockerfileError("missing_argument", message, input.keyword.span(), { hint });
}

const nameOf = ({ keyword }: Pick<Input, "keyword">): string => keyword.value.toUpperCase();

export function readCommand({ args, json }: Pick<Input, "args" | "json">): Command {
  const span = args.span();
  if (json === undefined) return { form: "shell", text: args.value, span };
  return { form: "exec", args: json.map(({ text }) => text), span };
}

/** An object without the fields that are undefined, as optional fields want it. */
export function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): {
  [K in keyof T]?: NonNullable<T[K]>;
} {
  const kept: { [K in keyof T]?: NonNullable<T[K]> } = {};
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name] as NonNullable<T[typeof name]>;
  return kept;
}
