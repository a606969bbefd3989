// Command lines as docker reads them: the rules of spf13/pflag.
// https://pkg.go.dev/github.com/spf13/pflag#hdr-Command_line_flag_syntax

import { suggest } from "../../internal.js";
import type { Flag, FlagTable, RefusedFlag } from "./flag.js";
import { usageError } from "./usage-error.js";
import { parseBool, parseCount } from "./values.js";
import { FlagValues } from "./flag-values.js";

export interface CommandLine {
  readonly flags: FlagValues;
  readonly args: readonly string[];
}

export interface ParseOptions {
  /**
   * Whether flags may follow arguments. `run` stops at the image's name, so that the rest belongs to the image.
   * @default true
   */
  readonly interspersed?: boolean;
  /** For flags with `env`. @default {} */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** @throws usage */
export function parseCommandLine(words: readonly string[], table: FlagTable, options: ParseOptions = {}): CommandLine {
  const parser = new Parser(words, table, new FlagValues(table));
  parser.run(options.interspersed ?? true);
  parser.values.fillFrom(options.env ?? {});
  return { flags: parser.values, args: parser.args };
}

class Parser {
  readonly args: string[] = [];
  readonly values: FlagValues;
  readonly #rest: string[];
  readonly #table: FlagTable;

  constructor(words: readonly string[], table: FlagTable, values: FlagValues) {
    this.#rest = [...words];
    this.#table = table;
    this.values = values;
  }

  run(interspersed: boolean): void {
    for (let word = this.#rest.shift(); word !== undefined; word = this.#rest.shift()) {
      if (word === "--") return void this.args.push(...this.#rest);
      if (word.startsWith("--")) this.#long(word);
      else if (word.startsWith("-") && word !== "-") this.#short(word);
      else {
        this.args.push(word);
        if (!interspersed) return void this.args.push(...this.#rest);
      }
    }
  }

  /** `--name`, `--name=value` or `--name value`. */
  #long(word: string): void {
    const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === "" || name.startsWith("-")) throw usageError(`bad flag syntax: ${word}`);
    const flag = this.#find((candidate) => isNamed(candidate, name)) ?? this.#unknown(name);
    this.#assign(flag, value ?? this.#implied(flag, `--${name}`), `--${name}`);
  }

  /** `-q`, `-t value`, `-tvalue`, `-t=value`, or several in a row with the last one taking the value: `-qt value`. */
  #short(word: string): void {
    for (let letters = word.slice(1); letters !== ""; letters = letters.slice(1)) {
      const letter = letters.charAt(0);
      const after = letters.slice(1);
      const flag = this.#find((candidate) => candidate.short === letter);
      if (!flag) throw usageError(`unknown shorthand flag: '${letter}' in ${word}`);
      if (after.startsWith("=")) return this.#assign(flag, after.slice(1), `-${letter}`);
      if (flag.kind === "bool") this.#assign(flag, "true", `-${letter}`);
      else return this.#assign(flag, after || this.#implied(flag, `'${letter}' in ${word}`), `-${letter}`);
    }
  }

  /** The value of a flag that has none attached: `true`, what it implies, or the next word whatever it is. */
  #implied(flag: Flag | RefusedFlag, spelling: string): string {
    if ("implied" in flag && flag.implied !== undefined) return flag.implied;
    const value = flag.kind === "bool" ? "true" : this.#rest.shift();
    if (value === undefined) throw usageError(`flag needs an argument: ${spelling}`);
    return value;
  }

  #find(matches: (flag: Flag | RefusedFlag) => boolean): Flag | RefusedFlag | undefined {
    return this.#table.flags.find(matches) ?? this.#table.refused.find(matches);
  }

  #unknown(name: string): never {
    const names = this.#table.flags.map((flag) => flag.name);
    const near = suggest(name, names);
    throw usageError(`unknown flag: --${name}${near === undefined ? "" : ` (did you mean --${near}?)`}`);
  }

  #assign(flag: Flag | RefusedFlag, value: string, spelling: string): void {
    if ("instead" in flag) return refuse(flag, value, spelling);
    if (flag.choices && !flag.choices.includes(value)) {
      throw usageError(
        `invalid argument "${value}" for "${spelling}" flag: expected one of ${flag.choices.join(", ")}`,
      );
    }
    if (flag.kind === "bool") this.values.set(flag, boolOf(flag, value, spelling));
    else if (flag.kind === "int") this.values.set(flag, parseCount(value, spelling));
    else if (flag.kind === "list") this.values.add(flag, value);
    else this.values.set(flag, value);
  }
}

/** @throws usage also where only true can be had */
function boolOf(flag: Flag, value: string, spelling: string): boolean {
  const isAsked = parseBool(value, spelling);
  if (flag.always === undefined || isAsked) return isAsked;
  throw usageError(`${spelling}=${value}: what it would turn off is always so`, flag.always);
}

function isNamed(flag: Flag | RefusedFlag, name: string): boolean {
  return flag.name === name || ("other" in flag && flag.other === name);
}

/** Why a flag is refused: `is not supported by this version`. */
export function reasonOf({ reason = "is not supported by this version" }: RefusedFlag): string {
  return reason;
}

function refuse(flag: RefusedFlag, value: string, spelling: string): void {
  const asked = flag.kind === "bool" ? String(parseBool(value, spelling)) : value;
  if (flag.harmless?.includes(asked)) return;
  throw usageError(`--${flag.name} ${reasonOf(flag)}`, flag.instead);
}
