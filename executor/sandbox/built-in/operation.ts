// The words of the launcher's program. launcher.c has the same table and says what each does.

import { TsbuildError } from "../../../errors.js";

export interface Operation {
  /** The operation's name and its arguments. Bytes go as they are; everything else ends with NUL. */
  readonly words: readonly (string | number | Uint8Array)[];
  /** What it is for, as the end of "cannot …". */
  readonly purpose: string;
}

export const operation = (purpose: string, ...words: Operation["words"]): Operation => ({ purpose, words });

export function mount(source: string, target: string, type: string, flags: number, data = ""): Operation {
  return operation(`mount ${type || source} at ${target}`, "mount", source, target, type, flags, data);
}

/** Lets the operation fail. Counts as an operation of its own. */
export const attempt = (attempted: Operation): Operation[] => [operation(attempted.purpose, "try"), attempted];

export const exec = (args: readonly string[], env: readonly string[]): Operation =>
  operation(`execute "${args[0] ?? ""}"`, "exec", ...listWords(args), ...listWords(env));

/** A list as the launcher takes it: how many words, then the words. */
export const listWords = (words: readonly string[]): readonly (string | number)[] => [words.length, ...words];

/**
 * The program as the launcher reads it.
 * @throws bad_value for a word with a NUL in it, which no system call can take
 */
export function encodeProgram(operations: readonly Operation[]): Buffer {
  const parts = encodeWords(operations.flatMap(({ words }) => words));
  const header = Buffer.alloc(4);
  header.writeUInt32LE(parts.reduce((length, part) => length + part.length, 0));
  return Buffer.concat([header, ...parts]);
}

/** Text is encoded in as few pieces as there can be: a step has hundreds of words. */
function encodeWords(words: Operation["words"]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let text = "";
  for (const word of words) {
    if (typeof word !== "object") {
      text += `${textOf(word)}\0`;
      continue;
    }
    parts.push(Buffer.from(text), word);
    text = "";
  }
  return [...parts, Buffer.from(text)];
}

function textOf(word: string | number): string | number {
  if (typeof word === "number" || !word.includes("\0")) return word;
  throw new TsbuildError(
    "bad_value",
    `expected text without NUL characters, found ${JSON.stringify(word.slice(0, 80))}`,
    { hint: "Take the NUL character out of the command or the variable." },
  );
}
