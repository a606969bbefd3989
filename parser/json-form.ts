// The JSON form of arguments: `["a", "b"]` (S-014 to S-017).
// https://docs.docker.com/reference/dockerfile/#exec-form

import { DockerfileError } from "./error.js";
import type { Text } from "./text.js";
import type { Word } from "./ast.js";

/** A JSON string that is known to be well formed. */
const STRING = /"(?:[^"\\]|\\.)*"/g;

/**
 * The strings of a JSON array, or undefined when the text is not a JSON array: then it is the shell form or a list of words.
 * Each span covers what stands between the quotes.
 *
 * @throws DockerfileError `bad_json` when an element is not a string
 */
export function parseJsonForm(text: Text): Word[] | undefined {
  if (!text.value.startsWith("[")) return undefined;
  const array = parseArray(text.value);
  if (array === undefined) return undefined;
  const other = array.find((element) => typeof element !== "string");
  if (other !== undefined) throw notStrings(text, other);
  const places = [...text.value.matchAll(STRING)].map(({ index, 0: { length } }) =>
    text.slice(index + 1, index + length - 1).span(),
  );
  return array.map((element, index) => ({ text: element as string, span: places[index]! }));
}

function parseArray(json: string): unknown[] | undefined {
  try {
    return JSON.parse(json) as unknown[];
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function notStrings(text: Text, other: unknown): DockerfileError {
  const found = describe(other);
  const hint = "Put every argument in double quotes.";
  return new DockerfileError("bad_json", `expected an array of strings only, found ${found} in it`, text.span(), {
    hint,
  });
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  return `a ${typeof value}`;
}
