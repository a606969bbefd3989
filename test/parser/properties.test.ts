// What holds for every input.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DockerfileError,
  expandHeredoc,
  expandWord,
  expandWords,
  lint,
  parse,
  parseTrigger,
  print,
  toJson,
  type Dockerfile,
  type Json,
} from "../../parser/index.js";

/** Pieces that mean something to the parser, which random text seldom has. */
const PIECES = [
  "FROM a\n",
  "FROM a AS b\n",
  "RUN ",
  "COPY ",
  "ENV ",
  "ARG ",
  "ONBUILD ",
  "HEALTHCHECK ",
  "CMD ",
  "LABEL ",
  "VOLUME ",
  "SHELL ",
  "EXPOSE ",
  "--mount=",
  "type=cache,",
  "--chown=",
  "--link",
  "--interval=1s ",
  "CMD x",
  "<<EOF",
  "<<-'E F'",
  "\nEOF\n",
  "\n\tE F\n",
  "[",
  "]",
  '"',
  "'",
  '["a", "b"]',
  "\\",
  "\\\n",
  "`\n",
  "# c\n",
  "#\n",
  "# escape=`\n",
  "#!x\n",
  "$x",
  "${x:-",
  "}",
  "${x//a/b}",
  "=",
  ",",
  " ",
  "\t",
  "\n",
  "\r\n",
  "\r",
  "\f",
  "\u00a0",
  "\ufeff",
  "a",
  "b c",
  "--",
  "<<",
  "$((",
  "))",
  "\0",
  "😀",
  "\ud800",
];

const soup = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...PIECES) },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  ),
  { maxLength: 30 },
);
const dockerfiles = fc
  .tuple(fc.constantFrom("", "# escape=`\n"), soup)
  .map(([head, parts]) => `${head}FROM a\n${parts.join("")}`);

/** What `read` gives, or undefined when it throws a DockerfileError; anything else that it throws is a bug. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    for (const each of [error, ...error.others]) {
      expect(each.excerpt()).toContain(`:${each.span.line}:${each.span.column}`);
      // Words of the file stand at the end of these without quotes, as BuildKit has them.
      const endsInWord = /^(?:unknown|duplicate|missing a value|expecting boolean)/.test(each.message);
      expect(each.message).not.toMatch(endsInWord ? /\n/ : /\n|\.$/);
    }
    return undefined;
  }
}

/** The tree without what says where things stand. */
function withoutPlaces(tree: Dockerfile): Json {
  const places = new Set(["span", "startLine", "endLine", "emptyLines", "path"]);
  const strip = (node: Json): Json => {
    if (Array.isArray(node)) return node.map(strip);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node)
        .filter(([key]) => !places.has(key))
        .map(([key, value]) => [key, strip(value as Json)]),
    );
  };
  return strip(toJson(tree));
}

/** Every span of a tree, with the text that it should cover where the node says so. */
function* words(node: unknown): Generator<{ text: string; span: { line: number; column: number; length: number } }> {
  if (typeof node !== "object" || node === null) return;
  if ("text" in node && "span" in node && Object.keys(node).length === 2) yield node as never;
  for (const value of Object.values(node)) yield* words(value);
}

describe("parse()", () => {
  test("throws nothing but a DockerfileError on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void attempt(() => parse(bytes))),
      { numRuns: 300 },
    );
  });

  test("nor on text that looks like a Dockerfile", () => {
    fc.assert(
      fc.property(dockerfiles, (source) => void attempt(() => parse(source))),
      { numRuns: 1500 },
    );
  });

  test("places words that have no quotes where they are written", () => {
    fc.assert(
      fc.property(dockerfiles, (source) => {
        const tree = attempt(() => parse(source));
        for (const { text, span } of words(toJson(tree ?? parse("FROM a")))) {
          const line = tree?.file.lines[span.line - 1];
          if (line === undefined || /["'\\]/.test(line)) continue;
          expect(line.slice(span.column - 1, span.column - 1 + span.length)).toBe(text.slice(0, span.length));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("print()", () => {
  test("gives text that parses to the same tree", () => {
    fc.assert(
      fc.property(dockerfiles, (source) => {
        const tree = attempt(() => parse(source));
        if (tree !== undefined) expect(withoutPlaces(parse(print(tree)))).toEqual(withoutPlaces(tree));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("lint()", () => {
  test("throws nothing on what parse() accepts, and points into the file", () => {
    fc.assert(
      fc.property(dockerfiles, (source) => {
        const tree = attempt(() => parse(source));
        for (const { span, message } of tree ? lint(tree) : []) {
          expect(span.column).toBeLessThanOrEqual(tree!.file.lines[span.line - 1]!.length + 1);
          expect(message).not.toMatch(/\.$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("parseTrigger()", () => {
  test("throws nothing but a DockerfileError", () => {
    fc.assert(
      fc.property(soup, (parts) => void attempt(() => parseTrigger(parts.join("")))),
      { numRuns: 500 },
    );
  });

  test("reads what ONBUILD kept", () => {
    fc.assert(
      fc.property(soup, (parts) => {
        const tree = attempt(() => parse(`FROM a\nONBUILD RUN ${parts.join("")}`));
        const onbuild = tree?.instructions[1];
        if (onbuild?.kind === "ONBUILD") expect(parseTrigger(onbuild.trigger).kind).toBe("RUN");
      }),
      { numRuns: 500 },
    );
  });
});

describe("expansion", () => {
  const word = (text: string) => ({
    text,
    span: { file: { path: "Dockerfile", lines: text.split("\n") }, line: 1, column: 1, length: text.length },
  });
  const texts = fc.array(
    fc.constantFrom(
      "$",
      "{",
      "}",
      "x",
      ":",
      "-",
      "+",
      "?",
      "#",
      "%",
      "/",
      "*",
      '"',
      "'",
      "\\",
      " ",
      "${x",
      "${y:-",
      "\n",
      "é",
    ),
    { maxLength: 25 },
  );
  const environment = (name: string) => (name === "x" ? "a b/c" : undefined);

  test("throws nothing but a DockerfileError", () => {
    fc.assert(
      fc.property(texts, fc.constantFrom("\\" as const, "`" as const), (parts, escape) => {
        attempt(() => expandWord(word(parts.join("")), environment, { escape }));
        attempt(() => expandWords(word(parts.join("")), environment, { escape }));
        attempt(() => expandWord(word(parts.join("")), environment, { escape, quotes: false }));
      }),
      { numRuns: 1500 },
    );
  });

  test("of a heredoc throws nothing but a DockerfileError", () => {
    fc.assert(
      fc.property(texts, (parts) => {
        const tree = attempt(() => parse(`FROM a\nCOPY <<-~ /x\n\t${parts.join("")}\n~\n`));
        const copy = tree?.instructions[1];
        if (copy?.kind === "COPY") attempt(() => expandHeredoc(copy.heredocs[0]!, environment));
      }),
      { numRuns: 300 },
    );
  });
});
