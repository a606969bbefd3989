// White space as the language means it: where words end and what is trimmed from lines.

/** Unicode White_Space above ASCII. JavaScript's own class has U+FEFF and lacks U+0085. */
const WIDE = /[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

export function isSpace(char: string): boolean {
  const code = char.charCodeAt(0);
  if (code <= 0x20) return code === 0x20 || (code >= 9 && code <= 13);
  return code >= 0x85 && WIDE.test(char);
}

/** Where the text begins after white space, at `from` or later. */
export function skipSpace(text: string, from = 0): number {
  let index = from;
  while (index < text.length && isSpace(text[index]!)) index++;
  return index;
}

/** Where the text ends before its trailing white space. */
export function lastNonSpace(text: string): number {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1]!)) end--;
  return end;
}

export function trimSpace(text: string): string {
  return text.slice(skipSpace(text), lastNonSpace(text));
}
