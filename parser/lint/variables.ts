// Rules about variables that nothing sets.

import type { Instruction, Word } from "../ast.js";
import { HEREDOC_OPTIONS, heredocWord } from "../expand.js";
import { locate } from "../locate.js";
import { suggest } from "../../suggest.js";
import { parseWord, type Variable, type WordOptions, type WordPart } from "../word.js";
import { problem, type LintInput, type Problem, type Rule } from "./rule.js";
import { globalScope, scopes, valueOf, type Scope } from "./scope.js";
import { tolerant } from "./tolerant.js";

export const undefinedVar: Rule = {
  name: "UndefinedVar",
  description: "Variables are set before they are used.",
  *find(input) {
    const guesses = new Guesses();
    for (const [, instruction, scope] of scopes(input)) yield* undefinedIn(instruction, scope, input, guesses);
  },
};

export const undefinedArgInFrom: Rule = {
  name: "UndefinedArgInFrom",
  description: "Variables in FROM are ARGs that stand before the first FROM.",
  *find(input) {
    const known = globalScope(input);
    const guesses = new Guesses();
    for (const { from } of input.stages) {
      for (const word of [from.image, ...(from.platform ? [from.platform] : [])]) {
        for (const { name, offset } of unguarded(word, input)) {
          if (known.has(name)) continue;
          const span = locate(word, offset, name.length + 1);
          yield problem(
            from,
            `no ARG before the first FROM is named "${name}"${guesses.near(name, known.keys())}`,
            span,
          );
        }
      }
    }
  },
};

export const invalidDefaultArgInFrom: Rule = {
  name: "InvalidDefaultArgInFrom",
  description: "With the defaults of its ARGs, FROM has a valid image.",
  *find(input) {
    const values = defaults(input);
    for (const { from } of input.stages) {
      const { image } = from;
      if (unguarded(image, input).length === 0) continue;
      const names = new Map([...unguarded(image, input).map(({ name }) => [name, ""] as const), ...values]);
      const reference = valueOf(image, names, input);
      if (reference === undefined || isReference(reference)) continue;
      yield problem(
        from,
        `without build arguments the image ${image.text} is "${reference}", which is no valid name`,
        image.span,
      );
    }
  },
};

/** What global ARGs are without build arguments; what is not set is empty. */
function defaults(input: LintInput): Map<string, string> {
  const values = new Map([...globalScope(input)].map(([name, value]) => [name, value ?? ""]));
  for (const instruction of input.globals) {
    if (instruction.kind !== "ARG") continue;
    for (const { name, value } of instruction.args) {
      const unset = value ? unguarded(value, input).map((variable) => [variable.name, ""] as const) : [];
      if (value) values.set(name.text, valueOf(value, new Map([...unset, ...values]), input) ?? "");
    }
  }
  return values;
}

/** Names have up to 255 characters; registry, tag and digest are shorter. */
const LONGEST_REFERENCE = 1024;

/** https://pkg.go.dev/github.com/distribution/reference */
const REFERENCE = new RegExp(
  String.raw`^(?:(?:[\w-]+(?:\.[\w-]+)+|[\w-]*[A-Z][\w-]*|localhost|[\w.-]+(?=:\d)|\[[\da-fA-F:]+\])(?::\d+)?\/)?` +
    String.raw`[a-z\d]+(?:(?:\.|__?|-+)[a-z\d]+)*(?:\/[a-z\d]+(?:(?:\.|__?|-+)[a-z\d]+)*)*` +
    String.raw`(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z\d]*(?:[-_+.][A-Za-z][A-Za-z\d]*)*:[\da-fA-F]{32,})?$`,
);

function isReference(text: string): boolean {
  return text.length <= LONGEST_REFERENCE && REFERENCE.test(text);
}

/** Two letters of a shorter name say nothing. */
const SHORTEST_SLIP = 4;

function* undefinedIn(instruction: Instruction, scope: Scope, input: LintInput, guesses: Guesses): Generator<Problem> {
  // A default of ARG may use the names before it in the same line (S-060).
  const own = new Set(instruction.kind === "ARG" ? instruction.args.map(({ name }) => name.text) : []);
  for (const [word, options] of allWords(instruction, input)) {
    for (const { name, offset } of unguarded(word, options)) {
      if (scope.variables.has(name) || own.has(name)) continue;
      // Images set names like GOPATH: of those that they may set, only one with the letters of PATH is taken for a slip.
      const path = scope.complete || name.length === "PATH".length ? ["PATH"] : [];
      const near = guesses.near(name, [...scope.variables.keys(), ...path]);
      // The base image may set it, unless it is so near to a known name that it is a slip.
      if (!scope.complete && (near === "" || name === "PATH" || name.length < SHORTEST_SLIP)) continue;
      yield problem(instruction, `nothing sets the variable "${name}"${near}`, locate(word, offset, name.length + 1));
    }
  }
}

/** Looks for names that may be meant, for a limited number of names: each is compared with all that are known. */
class Guesses {
  #left = 100;

  /** The end of a message, or nothing. */
  near(name: string, known: Iterable<string>): string {
    if (this.#left-- <= 0) return "";
    const near = suggest(name, known);
    return near === undefined ? "" : `, did you mean "${near}"?`;
  }
}

/** The variables of a word without an operator that says what happens when they are not set. */
function unguarded(word: Word, { escape, quotes = true }: WordOptions): Variable[] {
  return [...variablesIn(tolerant(() => parseWord(word, { ...(escape && { escape }), quotes })) ?? [])].filter(
    ({ operator = "" }) => !/[-+?]$/.test(operator),
  );
}

function* variablesIn(parts: readonly WordPart[]): Generator<Variable> {
  const left = [...parts].reverse();
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (!("name" in part)) continue;
    if (/^[A-Za-z_]/.test(part.name)) yield part;
    for (const inner of [...part.word, ...(part.replacement ?? [])].reverse()) left.push(inner);
  }
}

/** Every word that is expanded, heredocs included, and how each is read. */
function* allWords(instruction: Instruction, { escape }: LintInput): Generator<[Word, WordOptions]> {
  for (const word of expandedWords(instruction)) yield [word, { escape }];
  if (instruction.kind !== "COPY" && instruction.kind !== "ADD") return;
  for (const heredoc of instruction.heredocs) if (heredoc.expand) yield [heredocWord(heredoc), HEREDOC_OPTIONS];
}

/** Every word of an instruction that is expanded (S-038, S-048, S-049). */
function expandedWords(instruction: Instruction): Word[] {
  switch (instruction.kind) {
    case "ENV":
    case "LABEL":
      return instruction.pairs.flatMap(({ key, value }) => [key, value]);
    case "ARG":
      return instruction.args.flatMap(({ value }) => (value ? [value] : []));
    case "COPY":
    case "ADD": {
      const { sources, destination, chown, chmod, exclude } = instruction;
      const checksum = instruction.kind === "ADD" ? instruction.checksum : undefined;
      return [...sources, destination, chown, chmod, checksum, ...exclude].filter((word) => word !== undefined);
    }
    case "RUN":
      return instruction.mounts.flatMap(({ options }) =>
        options.flatMap(({ key, value }) => (value && key !== "from" ? [value] : [])),
      );
    case "EXPOSE":
      return [...instruction.ports];
    case "VOLUME":
      return [...instruction.paths];
    case "USER":
      return [instruction.user];
    case "WORKDIR":
      return [instruction.path];
    case "STOPSIGNAL":
      return [instruction.signal];
    default:
      return [];
  }
}
