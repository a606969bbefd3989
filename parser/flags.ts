// The flags directly after an instruction word: `COPY --chown=app --link …` (S-011 to S-013).
// https://docs.docker.com/reference/dockerfile/#copy

import type { Flag, Word } from "./ast.js";
import { isSpace, skipSpace } from "./blank.js";
import { DockerfileError } from "./error.js";
import { didYouMean, orMeant } from "../suggest.js";
import { Text } from "./text.js";

/** `value` may be given once, `list` more than once; `boolean` needs no value. */
export type FlagTable = Readonly<Record<string, "value" | "list" | "boolean">>;

/** A flag as written. `value` has no quotes or escapes any more, yet knows its places. */
export interface WrittenFlag {
  readonly name: string;
  readonly value?: Text;
  readonly flag: Flag;
}

/** Cuts the flags off `args`, which begins with no white space. They end at the first word without `--`, or at a lone `--`. */
export function splitFlags(args: Text): { readonly flags: readonly WrittenFlag[]; readonly rest: Text } {
  if (!args.value.startsWith("--")) return { flags: [], rest: args };
  const flags: WrittenFlag[] = [];
  let start = 0;
  while (args.value.startsWith("--", start)) {
    const { text, end } = readWord(args, start);
    const next = skipSpace(args.value, end);
    if (text.value === "--") return { flags, rest: args.slice(next) };
    flags.push(toFlag(text, args.slice(start, end)));
    start = next;
  }
  return { flags, rest: args.slice(start) };
}

/** The flags of an instruction, checked against what it accepts. */
export class Flags {
  readonly #flags: readonly WrittenFlag[];

  /** @throws DockerfileError for a flag that `table` has not, that is repeated, or whose value is wrong */
  constructor(instruction: string, flags: readonly WrittenFlag[], table: FlagTable) {
    const seen = new Set<string>();
    for (const flag of flags) {
      checkFlag(instruction, flag, table);
      if (seen.has(flag.name) && table[flag.name] !== "list") throw repeated(flag);
      seen.add(flag.name);
    }
    this.#flags = flags;
  }

  /** The value as text with its places. */
  text(name: string): Text | undefined {
    return this.#flags.find((flag) => flag.name === name)?.value;
  }

  value(name: string): Word | undefined {
    return this.#flags.find((flag) => flag.name === name)?.flag.value;
  }

  list(name: string): WrittenFlag[] {
    return this.#flags.filter((flag) => flag.name === name);
  }

  /** Undefined when the flag is not given. */
  boolean(name: string): boolean | undefined {
    const found = this.#flags.find((flag) => flag.name === name);
    return found && found.value?.value.toLowerCase() !== "false";
  }
}

/** The word at `start` without its quotes and escapes, and where it ends. The escape is always a backslash here. */
function readWord(args: Text, start: number): { text: Text; end: number } {
  const kept: Text[] = [];
  let from = start;
  let quote = "";
  let index = start;
  for (; index < args.length; index++) {
    const char = args.value[index]!;
    if (quote === "" && isSpace(char)) break;
    const isQuote = quote === "" ? char === '"' || char === "'" : char === quote;
    if (!isQuote && char !== "\\") continue;
    kept.push(args.slice(from, index));
    from = index + 1;
    if (isQuote) quote = quote === "" ? char : "";
    else index++;
  }
  const end = Math.min(index, args.length);
  if (quote !== "") throw unterminated(args.slice(start, end), quote);
  return {
    text: Text.concat([...kept.filter((text) => text.length > 0), args.slice(Math.min(from, end), end)] as [Text]),
    end,
  };
}

function toFlag(text: Text, written: Text): WrittenFlag {
  const equals = text.value.indexOf("=");
  const name = text.value.slice(2, equals < 0 ? undefined : equals);
  const span = written.span();
  if (equals < 0) return { name, flag: { name, span } };
  const value = text.slice(equals + 1);
  const word = { text: value.value, span: written.slice(written.value.indexOf("=") + 1).span() };
  return { name, value, flag: { name, value: word, span } };
}

function checkFlag(instruction: string, { name, value, flag: { span } }: WrittenFlag, table: FlagTable): void {
  const type = Object.hasOwn(table, name) ? table[name] : undefined;
  if (type === undefined) throw unknown(name, span, table);
  if (type === "boolean" ? value?.value === "" : value === undefined) {
    throw new DockerfileError("bad_flag_value", `missing a value on flag: --${name}`, span, {
      hint: `Write --${name}=VALUE.`,
    });
  }
  if (type === "boolean" && value !== undefined && !/^(?:true|false)$/i.test(value.value)) {
    const message = `expecting boolean value for flag --${name}, not: ${value.value}`;
    throw new DockerfileError("bad_flag_value", message, span, { hint: `Write --${name} or --${name}=false.` });
  }
}

function unknown(name: string, span: Flag["span"], table: FlagTable): DockerfileError {
  const names = Object.keys(table).map((known) => `--${known}`);
  const all = names.length === 0 ? "Remove it." : `Use one of ${names.join(", ")}.`;
  const hint = didYouMean(`--${name}`, names) ?? all;
  return new DockerfileError("unknown_flag", `unknown flag: --${name}${orMeant(name, Object.keys(table))}`, span, {
    hint,
  });
}

function repeated({ name, flag: { span } }: WrittenFlag): DockerfileError {
  return new DockerfileError("duplicate_flag", `duplicate flag specified: --${name}`, span, {
    hint: "Keep one of them.",
  });
}

function unterminated(word: Text, quote: string): DockerfileError {
  const hint = `Close the quote with ${quote === '"' ? "'\"'" : '"\'"'}.`;
  return new DockerfileError(
    "unterminated_quote",
    `the flag ${word.value.slice(0, 40)} never closes its quote`,
    word.span(),
    { hint },
  );
}
