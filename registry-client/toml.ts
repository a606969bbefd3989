// TOML as configuration of registries uses it: tables, arrays of tables, strings, booleans, whole numbers and arrays.
// Anything else is refused with its line. https://toml.io/en/v1.0.0

import { TsbuildError } from "../errors.js";

export type TomlValue = string | number | boolean | TomlValue[] | TomlTable;
export interface TomlTable {
  [key: string]: TomlValue;
}

const KEY = String.raw`(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')`;
const PATH = String.raw`${KEY}(?:[ \t]*\.[ \t]*${KEY})*`;
const BLANK = /(?:[ \t\r\n]|#[^\n]*)+/y;
const HEADER = new RegExp(String.raw`(\[\[?)[ \t]*(${PATH})[ \t]*(\]\]?)`, "y");
const ASSIGNMENT = new RegExp(String.raw`(${PATH})[ \t]*=[ \t]*`, "y");
const SCALAR = /"((?:[^"\\\n]|\\.)*)"(?!")|'([^'\n]*)'(?!')|(true|false)\b|([+-]?\d[\d_]*)(?![\w.:-])/y;
const END_OF_LINE = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;

/** @param file names the text in errors @throws bad_value */
export function parseToml(text: string, file: string): TomlTable {
  return new Reader(text, file).read();
}

class Reader {
  readonly #text: string;
  readonly #file: string;
  readonly #root: TomlTable = {};
  #at = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): TomlTable {
    let table = this.#root;
    for (this.#match(BLANK); this.#at < this.#text.length; this.#match(BLANK)) {
      const header = this.#match(HEADER);
      if (header !== undefined) table = this.#open(header);
      else this.#assign(table);
      if (this.#match(END_OF_LINE) === undefined) throw this.#expected("the end of the line");
    }
    return this.#root;
  }

  #open([, open, path, close]: RegExpExecArray): TomlTable {
    if (open!.length !== close!.length) throw this.#expected("as many brackets that close as open");
    const keys = keysOf(path!);
    const last = keys.pop()!;
    const parent = this.#descend(this.#root, keys);
    if (open === "[") return this.#descend(parent, [last]);
    const list = (parent[last] ??= []);
    if (!Array.isArray(list)) throw this.#expected(`a list at "${last}"`);
    const table: TomlTable = {};
    list.push(table);
    return table;
  }

  #assign(table: TomlTable): void {
    const assignment = this.#match(ASSIGNMENT);
    if (assignment === undefined) throw this.#expected("[table], [[table]] or key = value");
    const keys = keysOf(assignment[1]!);
    const last = keys.pop()!;
    const parent = this.#descend(table, keys);
    if (last in parent) throw this.#expected(`"${last}" once`);
    parent[last] = this.#value();
  }

  /** The table below `table`; of a list of tables the last one. */
  #descend(table: TomlTable, keys: readonly string[]): TomlTable {
    return keys.reduce((above, key) => {
      const found = (above[key] ??= {});
      const below = Array.isArray(found) ? found.at(-1) : found;
      if (typeof below === "object" && !Array.isArray(below)) return below;
      throw this.#expected(`a table at "${key}"`);
    }, table);
  }

  #value(): TomlValue {
    if (this.#text[this.#at] === "[") return this.#array();
    const scalar = this.#match(SCALAR);
    if (scalar === undefined) throw this.#expected("a string, true, false, a whole number or an array");
    const [, basic, literal, bool, number] = scalar;
    if (bool !== undefined) return bool === "true";
    if (number !== undefined) return Number(number.replaceAll("_", ""));
    return literal ?? unescape(basic!);
  }

  #array(): TomlValue[] {
    const values: TomlValue[] = [];
    this.#at += 1;
    for (this.#match(BLANK); this.#text[this.#at] !== "]"; this.#match(BLANK)) {
      values.push(this.#value());
      this.#match(BLANK);
      if (this.#text[this.#at] === ",") this.#at += 1;
      else if (this.#text[this.#at] !== "]") throw this.#expected('"," or "]"');
    }
    this.#at += 1;
    return values;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }

  #expected(what: string): TsbuildError {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    return new TsbuildError("bad_value", `${this.#file}:${line}: expected ${what}`, {
      hint: "Correct that line, which is to be TOML.",
    });
  }
}

function keysOf(path: string): string[] {
  return [...path.matchAll(new RegExp(KEY, "g"))].map(([key]) =>
    /^["']/.test(key) ? unescape(key.slice(1, -1)) : key,
  );
}

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r" };

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g, (_, four, eight, one) =>
    one === undefined ? String.fromCodePoint(Math.min(parseInt(four ?? eight, 16), 0x10ffff)) : (ESCAPES[one] ?? one),
  );
}
