// ENV and LABEL: `name=value …`, or the old `name value`; ARG: `name[=value] …` (S-018, S-019).
// https://docs.docker.com/reference/dockerfile/#env

import type { ArgInstruction, KeyValue } from "../ast.js";
import { DockerfileError, mapAll } from "../error.js";
import type { Text } from "../text.js";
import { cutAtBlanks, splitWords } from "../words.js";
import { missing, NO_FLAGS, type Input, type Rule } from "./input.js";

interface Pairs {
  readonly pairs: readonly KeyValue[];
  readonly legacy: boolean;
}

export const env: Rule<"ENV"> = { flags: NO_FLAGS, read: readPairs };

export const label: Rule<"LABEL"> = { flags: NO_FLAGS, read: readPairs };

export const arg: Rule<"ARG"> = {
  flags: NO_FLAGS,
  read(input) {
    const words = splitWords(input.args, input.escape);
    if (words.length === 0) throw missing(input, "a name");
    return { args: mapAll(words, (word) => readArg(input, word)) };
  },
};

function readArg(input: Input, word: Text): ArgInstruction["args"][number] {
  if (!word.value.includes("=")) return { name: word.word() };
  const { key, value } = readPair(input, word);
  return { name: key, value };
}

/** The first word says which form it is. */
function readPairs(input: Input): Pairs {
  const [first, ...others] = splitWords(input.args, input.escape);
  if (first === undefined) throw missing(input, "a name and a value");
  if (!first.value.includes("=")) return { pairs: [readLegacy(input)], legacy: true };
  return { pairs: mapAll([first, ...others], (word) => readPair(input, word)), legacy: false };
}

function readLegacy(input: Input): KeyValue {
  const [key, value] = cutAtBlanks(input.args);
  if (value === undefined) throw noValue(input, key);
  return { key: key.word(), value: value.word() };
}

function noValue({ keyword }: Input, key: Text): DockerfileError {
  const name = keyword.value.toUpperCase();
  const hint = `Write ${name} ${key.value}=VALUE.`;
  return new DockerfileError(
    "missing_argument",
    `${name} must have two arguments, found "${key.value}" only`,
    key.span(),
    { hint },
  );
}

function readPair({ keyword }: Input, word: Text): KeyValue {
  const equals = word.value.indexOf("=");
  const name = keyword.value.toUpperCase();
  if (equals < 0) {
    const hint = `Write ${word.value}=VALUE, or quote the value before it.`;
    throw new DockerfileError(
      "syntax",
      `Syntax error - can't find = in "${word.value}". Must be of the form: name=value`,
      word.span(),
      { hint },
    );
  }
  if (equals === 0)
    throw new DockerfileError("bad_value", `${name} names can not be blank`, word.span(), {
      hint: 'Write a name before "=".',
    });
  return { key: word.slice(0, equals).word(), value: word.slice(equals + 1).word() };
}
