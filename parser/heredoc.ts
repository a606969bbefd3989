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
  for (let start = skipSpace(text); start < text.length; ) {
    const end = shellWordEnd(text, start);
    if (end === undefined) return [];
    if (HEREDOC.test(text.slice(start, end)) && nameOf(text.slice(start, end)) !== "") places.push({ start, end });
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

/** The delimiter without its quotes and escapes; variables mean themselves. */
function nameOf(word: string): string {
  const [, , , delimiter = ""] = HEREDOC.exec(word) ?? [];
  return delimiter.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, (_all, single?: string, double?: string, escaped?: string) => {
    return single ?? escaped ?? double!.replace(/\\(["$\\])/g, "$1");
  });
}

/** Where the shell word that begins at `start` ends, or undefined when a quote in it is never closed. */
function shellWordEnd(text: string, start: number): number | undefined {
  let index = start;
  while (index < text.length && !isSpace(text[index]!)) {
    const next = skipToken(text, index);
    if (next === undefined) return undefined;
    index = next;
  }
  return index;
}

function skipToken(text: string, index: number): number | undefined {
  const char = text[index];
  if (char === "\\") return Math.min(index + 2, text.length);
  if (char === "'") return after(text, "'", index + 1);
  if (char === '"') return afterDoubleQuote(text, index + 1);
  if (text.startsWith("$((", index)) return after(text, "))", index + 3) ?? index + 3;
  if (text.startsWith("<<", index)) return skipSpace(text, text[index + 2] === "-" ? index + 3 : index + 2);
  return index + 1;
}

function after(text: string, end: string, from: number): number | undefined {
  const index = text.indexOf(end, from);
  return index < 0 ? undefined : index + end.length;
}

function afterDoubleQuote(text: string, from: number): number | undefined {
  for (let index = from; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === '"') return index + 1;
  }
  return undefined;
}

function unterminated(word: Text, name: string): DockerfileError {
  const glued = /^([\w.-]+)([;|&)]+)$/.exec(name);
  const hint = glued ? `Put a blank between "${glued[1]}" and "${glued[2]}".` : `Add a line that holds "${name}" only.`;
  return new DockerfileError("unterminated_heredoc", `the heredoc ${word.value} has no line "${name}" that ends it`, word.span(), { hint });
}
