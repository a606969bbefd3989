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
  if (input.args.length === 0) throw missing(input, what);
  return input.args.word();
}

/** `what` is the missing thing with its article: `a path`. */
export function missing({ keyword }: Pick<Input, "keyword">, what: string): DockerfileError {
  const name = keyword.value.toUpperCase();
  return new DockerfileError("missing_argument", `${name} needs ${what}`, keyword.span(), {
    hint: `Write ${what} after ${name}.`,
  });
}

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
