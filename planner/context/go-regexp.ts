// Translates what moby writes of a pattern as a Go regular expression into one of JavaScript. Only `^`, `$`, `.`, `*`,
// `?` and groups that moby writes itself, escapes, and brackets can be in it.
// https://pkg.go.dev/regexp/syntax

import { classEscape, namedClass, parseEscape, unicodeClass } from "./go-escapes.js";

/** Undefined when Go would refuse the expression. */
export function translateRegExp(source: string): RegExp | undefined {
  const reader = new Reader(source);
  let result = "";
  while (!reader.done) {
    const piece =
      reader.peek === "[" ? readClass(reader) : reader.peek === "\\" ? readEscape(reader) : readPlain(reader);
    if (piece === undefined) return undefined;
    result += piece;
  }
  return new RegExp(result, "u");
}

/** The characters of an expression, read one after the other. */
class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get done(): boolean {
    return this.#at >= this.#source.length;
  }

  get peek(): string | undefined {
    return this.#source[this.#at];
  }

  get rest(): string {
    return this.#source.slice(this.#at);
  }

  next(): string {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    this.skip(character);
    return character;
  }

  skip(text: string): void {
    this.#at += text.length;
  }
}

function readPlain(reader: Reader): string {
  const character = reader.next();
  if (character === ".") return "[^\\n]";
  if (character === "(") return "(?:";
  return "^$)*?".includes(character) ? character : literal(character);
}

function readEscape(reader: Reader): string | undefined {
  const rest = reader.rest;
  if (rest.startsWith("\\Q")) return readQuoted(reader);
  const assertion = ASSERTIONS[rest.slice(1, 2)];
  if (assertion !== undefined) {
    reader.skip(rest.slice(0, 2));
    return assertion;
  }
  const found = classEscape(rest) ?? unicodeClass(rest);
  if (found) {
    reader.skip(found.text);
    return `[${found.content}]`;
  }
  const escaped = parseEscape(rest);
  if (!escaped) return undefined;
  reader.skip(escaped.text);
  return literal(escaped.character);
}

const ASSERTIONS: Readonly<Record<string, string>> = { A: "^", z: "$", b: "\\b", B: "\\B" };

/** `\Q` makes all up to `\E` literal. */
function readQuoted(reader: Reader): string {
  const [quoted = ""] = reader.rest.slice(2).split("\\E", 1);
  reader.skip(`\\Q${quoted}\\E`);
  return Array.from(quoted, literal).join("");
}

function readClass(reader: Reader): string | undefined {
  reader.next();
  const negated = reader.peek === "^";
  if (negated) reader.next();
  let content = "";
  while (reader.peek !== "]" || content === "") {
    const item = readClassItem(reader);
    if (item === undefined) return undefined;
    content += item;
  }
  reader.next();
  return `[${negated ? "^" : ""}${content}]`;
}

function readClassItem(reader: Reader): string | undefined {
  const rest = reader.rest;
  const named = namedClass(rest);
  if (named === "unknown") return undefined;
  const found = named ?? unicodeClass(rest) ?? classEscape(rest);
  if (found) {
    reader.skip(found.text);
    return found.content;
  }
  return readRange(reader);
}

function readRange(reader: Reader): string | undefined {
  const low = readBound(reader);
  if (low === undefined) return undefined;
  if (!/^-[^\]]/u.test(reader.rest)) return literal(low);
  reader.next();
  const high = readBound(reader);
  if (high === undefined || high.codePointAt(0)! < low.codePointAt(0)!) return undefined;
  return `${literal(low)}-${literal(high)}`;
}

function readBound(reader: Reader): string | undefined {
  if (reader.peek !== "\\") return reader.done ? undefined : reader.next();
  const escaped = parseEscape(reader.rest);
  reader.skip(escaped?.text ?? "");
  return escaped?.character;
}

function literal(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
