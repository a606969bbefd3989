// An instruction's arguments cut into words. Quotes and escapes stay in the words; expansion removes them.

import { isSpace, skipSpace } from "./blank.js";
import type { Escape } from "./lines.js";
import type { Text } from "./text.js";

const WORD = /[^\t\v\f\r ]+/g;

/** Words between blanks; quotes have no meaning (FROM, COPY, EXPOSE and others). */
export function splitBlanks(text: Text): Text[] {
  const words: Text[] = [];
  WORD.lastIndex = 0;
  for (let match = WORD.exec(text.value); match !== null; match = WORD.exec(text.value)) {
    words.push(text.slice(match.index, match.index + match[0].length));
  }
  return words;
}

/** The text up to the first blanks and what follows them; undefined when there are no blanks. */
export function cutAtBlanks(text: Text): [Text, Text | undefined] {
  const match = /[\t\v\f\r ]+/.exec(text.value);
  if (match === null) return [text, undefined];
  return [text.slice(0, match.index), text.slice(match.index + match[0].length)];
}

/** Words between white space outside quotes (ENV, LABEL, ARG). A quote that is not closed runs to the end. */
export function splitWords(text: Text, escape: Escape): Text[] {
  const words: Text[] = [];
  for (let start = skipSpace(text.value); start < text.length;) {
    const end = wordEnd(text.value, start, escape);
    if (end > start) words.push(text.slice(start, end));
    start = text.value[end] === escape ? text.length : skipSpace(text.value, end);
  }
  return words;
}

/** Where the word that begins at `start` ends. An escape character that ends the text is not part of the word. */
function wordEnd(text: string, start: number, escape: Escape): number {
  let quote = "";
  for (let index = start; index < text.length; index++) {
    const char = text[index]!;
    if (char === escape && quote !== "'") {
      if (index + 1 === text.length) return index;
      index++;
    } else if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") {
      quote = char;
    } else if (isSpace(char)) {
      return index;
    }
  }
  return text.length;
}
