// Heredocs of RUN, COPY and ADD: `<<EOF` and the lines up to `EOF` (S-026 to S-031).
// https://docs.docker.com/reference/dockerfile/#here-documents

import type { Heredoc } from "./ast.js";
import { isSpace, skipSpace } from "./blank.js";
import { DockerfileError } from "./error.js";
import type { LineReader } from "./lines.js";
import type { Text } from "./text.js";

/** Where a heredoc word stands in the arguments of its instruction. */
export interface HeredocPlace {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the heredoc words in `args`, a word being what stands between white space outside quotes. As a shell has it, white space
 * may follow `<<`, and what is in `$((…))` is arithmetic. Quotes that are never closed hide every heredoc.
 */
export function findHeredocs(args: Text): HeredocPlace[] {
  const text = args.value;
  if (!text.includes("<<")) return [];
  const places: HeredocPlace[] = [];
  const words = new ShellWords(text);
  for (let start = skipSpace(text); start < text.length;) {
    const end = words.end(start);
    if (end === undefined) return [];
    const word = text.slice(start, end);
    if (word.includes("<<") && nameOf(word) !== "") places.push({ start, end });
    start = skipSpace(text, end);
  }
  return places;
}

/**
 * Reads the bodies, which follow the instruction one after the other.
 *
 * @throws DockerfileError `unterminated_heredoc`
 */
export function readHeredocs(args: Text, places: readonly HeredocPlace[], lines: LineReader): Heredoc[] {
  return places.map(({ start, end }) => readHeredoc(args.slice(start, end), lines));
}

/** File descriptor, `-`, and the delimiter as written. */
const HEREDOC = /^(\d*)<<(-?)\s*([^<]+)$/;

function readHeredoc(word: Text, lines: LineReader): Heredoc {
  const [, descriptor = "", dash, delimiter = ""] = HEREDOC.exec(word.value)!;
  const name = nameOf(word.value);
  const chomp = dash === "-";
  const body = lines.heredoc(name, chomp);
  if (body === undefined) throw unterminated(word, name);
  return {
    name,
    word: word.word(),
    expand: !/['"]/.test(delimiter.replace(/\\./g, "")),
    chomp,
    ...(descriptor !== "" && { fileDescriptor: Number(descriptor) }),
    content: chomp ? body.content.replace(/^\t+/gm, "") : body.content,
    span: body.span,
  };
}

/** The delimiter without its quotes and escapes, in which variables mean themselves; empty when the word is no heredoc. */
function nameOf(word: string): string {
  const [, , , delimiter = ""] = HEREDOC.exec(word) ?? [];
  return delimiter.replace(
    /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
    (_all, single?: string, double?: string, escaped?: string) => {
      return single ?? escaped ?? double!.replace(/\\(["$\\])/g, "$1");
    },
  );
}

/** Finds the ends of words as a shell does, in time proportional to the text. */
class ShellWords {
  readonly #text: string;
  /** Where the last `))` stands: without it every `$((` would be searched to the end of the text. */
  readonly #lastArithmeticEnd: number;

  constructor(text: string) {
    this.#text = text;
    this.#lastArithmeticEnd = text.lastIndexOf("))");
  }

  /** Where the word that begins at `start` ends, or undefined when a quote in it is never closed. */
  end(start: number): number | undefined {
    let index: number | undefined = start;
    while (index !== undefined && index < this.#text.length && !isSpace(this.#text[index]!))
      index = this.#skipToken(index);
    return index;
  }

  #skipToken(index: number): number | undefined {
    const text = this.#text;
    const char = text[index];
    if (char === "\\") return Math.min(index + 2, text.length);
    if (char === "'") return behind(text.indexOf("'", index + 1));
    if (char === '"') return this.#skipDoubleQuoted(index + 1);
    if (text.startsWith("$((", index) && index + 3 <= this.#lastArithmeticEnd) return text.indexOf("))", index + 3) + 2;
    if (text.startsWith("<<", index)) return skipSpace(text, text[index + 2] === "-" ? index + 3 : index + 2);
    return index + 1;
  }

  #skipDoubleQuoted(from: number): number | undefined {
    for (let index = from; index < this.#text.length; index++) {
      if (this.#text[index] === "\\") index++;
      else if (this.#text[index] === '"') return index + 1;
    }
    return undefined;
  }
}

function behind(index: number): number | undefined {
  return index < 0 ? undefined : index + 1;
}

function unterminated(word: Text, name: string): DockerfileError {
  const glued = /^([\w.-]+)([;|&)]+)$/.exec(name);
  const hint = glued
    ? `Put a blank between "${glued[1]}" and "${glued[2]}".`
    : `Add a line that holds "${name.slice(0, 60)}" only.`;
  return new DockerfileError(
    "unterminated_heredoc",
    `unterminated heredoc: ${word.value.slice(0, 60)} has no line "${name.slice(0, 60)}" that ends it`,
    word.span(),
    { hint },
  );
}
