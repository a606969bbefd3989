// Values as Go's fmt package prints them. The texts of an image's history are made so, and tools parse them.
// https://pkg.go.dev/fmt

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const ESCAPES: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

/** `%q` of a string. */
export function quote(text: string): string {
  return `"${Array.from(text, (character) => escapeCharacter(character, '"')).join("")}"`;
}

/** `%q` of a number: the character with that code, `'\\x03'`. */
export function quoteRune(code: number): string {
  const isCharacter = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return `'${escapeCharacter(isCharacter ? String.fromCodePoint(code) : "\ufffd", "'")}'`;
}

/** `%q` of a slice of strings: `["node" "app.js"]`. */
export function quoteList(items: readonly string[]): string {
  return `[${items.map(quote).join(" ")}]`;
}

/** `%v` of a slice of strings: `[80/tcp 443/tcp]`. */
export function plainList(items: readonly string[]): string {
  return `[${items.join(" ")}]`;
}

const UNITS = [
  ["h", 3_600_000_000_000],
  ["m", 60_000_000_000],
] as const;

/** `%v` of a duration in nanoseconds: `1m30s`, `1.5s`, `100ms`, `0s`. */
export function duration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1000) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`;
  let rest = nanoseconds;
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || text !== "") text += `${count}${unit}`;
  }
  return `${text}${rest / 1e9}s`;
}

function escapeCharacter(character: string, quotes: string): string {
  if (character === quotes) return `\\${character}`;
  const escape = ESCAPES[character];
  if (escape !== undefined) return escape;
  if (PRINTABLE.test(character)) return character;
  const code = character.codePointAt(0)!;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
