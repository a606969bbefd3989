// Expansion agrees with bash on the operators that both have.

import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { expandWord } from "../../parser/index.js";

const VALUES: Readonly<Record<string, string>> = { SET: "a/b.c/a b.c", EMPTY: "", STAR: "x*y*z" };

const name = fc.constantFrom("SET", "EMPTY", "STAR", "UNSET");
const literal = fc.stringMatching(/^[abc/. *?]{0,5}$/);
const text = fc.stringMatching(/^[a-c./ ]{0,5}$/);

/** Words for the inside of double quotes. Patterns with quotes are left out: there BuildKit and shells differ (S-044). */
const { variable } = fc.letrec<{ variable: string; word: string }>((tie) => ({
  variable: fc.oneof(
    { depthSize: "small" },
    name.map((variable) => `$${variable}`),
    name.map((variable) => `\${${variable}}`),
    fc
      .tuple(name, fc.constantFrom("-", ":-", "+", ":+"), tie("word"))
      .map(([variable, operator, word]) => `\${${variable}${operator}${word}}`),
    fc
      .tuple(name, fc.constantFrom("#", "##", "%", "%%"), literal)
      .map(([variable, operator, pattern]) => `\${${variable}${operator}${pattern.replaceAll("/", "\\/")}}`),
    fc
      .tuple(
        name,
        fc.constantFrom("/", "//"),
        fc.stringMatching(/^[abc.][abc. *?]{0,4}$/),
        fc.stringMatching(/^[a-c. ]{0,4}$/),
      )
      .map(([variable, operator, pattern, replacement]) => `\${${variable}${operator}${pattern}/${replacement}}`),
  ),
  word: fc.array(fc.oneof(text, tie("variable")), { maxLength: 3 }).map((parts) => parts.join("")),
}));

const words = fc
  .array(fc.oneof(text, variable, fc.constantFrom("\\$SET", '\\"', "\\\\")), { minLength: 1, maxLength: 4 })
  .map((parts) => `"${parts.join("")}"`);

function expand(word: string): string {
  const span = { file: { path: "Dockerfile", lines: [word] }, line: 1, column: 1, length: word.length };
  return expandWord({ text: word, span }, (variable) => VALUES[variable]).text;
}

/** What bash makes of each word, by one shell. */
function bash(list: readonly string[]): string[] {
  const script = list.map((word) => `printf '%s\\0' ${word}`).join("\n");
  return execFileSync("bash", ["--norc", "--noprofile", "-s"], { input: script, env: VALUES, encoding: "utf8" })
    .split("\0")
    .slice(0, -1);
}

test("expandWord() agrees with bash on - + # % / and their doubles (S-042, S-044, S-045)", () => {
  fc.assert(
    fc.property(fc.array(words, { minLength: 100, maxLength: 100 }), (list) => {
      const shell = bash(list);
      for (const [index, word] of list.entries()) expect([word, expand(word)]).toEqual([word, shell[index]]);
    }),
    { numRuns: 10 },
  );
});
