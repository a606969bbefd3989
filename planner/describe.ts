// What progress shows of an instruction: the line as it is written, with its variables put in.

import { TsbuildError } from "../errors.js";
import { type RunInstruction, type Word, expandWord } from "../parser/index.js";
import type { RunMount } from "./graph.js";
import type { Variables } from "./scope.js";
import { isBare } from "./script.js";
import type { Planning, StageState } from "./state.js";
import type { StageInstruction } from "./stages.js";

const SECRET = "****";

/** `COPY app.js /srv/`. Quotes are left out, as BuildKit does. */
export function describeLine(instruction: StageInstruction, { scope }: StageState, { escape }: Planning): string {
  const text = lineOf(instruction);
  return readable(text, () => expandWord(text, lookup(scope.variables), { escape }).text);
}

/**
 * `RUN npm ci`. Quotes and the shell's own variables stay, escape characters do not, as BuildKit does; a value that comes from a
 * secret is masked. The word of a lone heredoc and the beginning of its body are part of the text.
 */
export function describeRun(
  instruction: RunInstruction,
  mounts: readonly RunMount[],
  { scope }: StageState,
  { escape }: Pick<Planning, "escape">,
): string {
  const { command, heredocs } = instruction;
  const masked = mounts.flatMap((mount) => (mount.type === "secret" && mount.env ? mount.env : []));
  const variables = scope.variables.with(masked.map((name) => [name, SECRET]));
  const { text, span } = lineOf(instruction);
  const bare = command.form === "shell" && isBare(command.text, heredocs);
  const shown = bare ? `${text} (${summary(heredocs[0]!.content)})` : text;
  return replaceKnown({ text: shown, span }, variables, TOKENS[escape]);
}

interface Tokens {
  readonly all: RegExp;
  readonly inDoubleQuotes: RegExp;
}

/** A variable; in braces perhaps with what is to be made of its value, if that is simple. */
const VARIABLE = /\$\{\w+(?:(?::?[-+?]|[#%/])[^{}"'`\\]*)?\}|\$\w+/.source;

const TOKENS: { readonly [Character in Planning["escape"]]: Tokens } = {
  "\\": tokens(/\\[^]?/, /"(?:\\[^]|[^"\\])*"/, /\\["$\\]/),
  "`": tokens(/`[^]?/, /"(?:`[^]|[^"`])*"/, /`["$`]/),
};

/** @param escaped a character with the escape before it; `escapedInQuotes` where that has an effect between double quotes */
function tokens(escaped: RegExp, quoted: RegExp, escapedInQuotes: RegExp): Tokens {
  const either = (...patterns: readonly string[]) => new RegExp(patterns.join("|"), "g");
  return {
    all: either(escaped.source, "'[^']*'", quoted.source, VARIABLE, "['\"]"),
    inDoubleQuotes: either(escapedInQuotes.source, VARIABLE),
  };
}

/** Puts in the variables that are set, but not in single quotes. Text with a lone quote stays as it is. */
function replaceKnown({ text, span }: Word, variables: Variables, { all, inDoubleQuotes }: Tokens): string {
  if (text.match(all)?.some((token) => token === "'" || token === '"')) return text;
  const replace = (token: string) =>
    token.startsWith("$") ? valueOf({ text: token, span }, variables) : token.slice(1);
  return text.replace(all, (token) => {
    if (token.startsWith("'")) return token;
    return token.startsWith('"') ? token.replace(inDoubleQuotes, replace) : replace(token);
  });
}

/** `$NAME`, `${NAME}` or `${NAME:-word}`; as it is written when the variable is not set: the shell may know it. */
function valueOf(reference: Word, variables: Variables): string {
  const [, name = ""] = /^\$\{?(\w+)/.exec(reference.text) ?? [];
  const value = variables.get(name);
  if (value === undefined || /^\$\{?\w+\}?$/.test(reference.text)) return value ?? reference.text;
  return readable(reference, () => expandWord(reference, lookup(variables)).text);
}

function lineOf({ kind, text, span }: StageInstruction): Word {
  return { text: text === "" ? kind : `${kind} ${text}`, span };
}

function lookup(variables: Variables): (name: string) => string | undefined {
  return (name) => variables.get(name);
}

/** Text that is no word of the language, such as a lone quote, is shown as it is. */
function readable(line: Word, expand: () => string): string {
  try {
    return expand();
  } catch (error) {
    if (error instanceof TsbuildError) return line.text;
    throw error;
  }
}

function summary(body: string): string {
  const [first = "", ...rest] = body.trim().split("\n");
  return rest.length > 0 ? `${first}...` : first;
}
