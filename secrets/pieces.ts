// What of a secret of several lines, such as a file of credentials, is secret by itself: tokens, passwords, lines of keys.
// A line may as well be a heading, the address of a server or a user's name, which are in many files.

/** A value that stands after a name has at least so many characters. */
const SHORTEST_VALUE = 12;
/** A line that is one word has at least so many. */
const SHORTEST_LINE = 16;

/** Words of letters and digits together, as passwords and keys are and names seldom; no addresses, URLs and paths. */
export function piecesOf(value: Uint8Array): string[] {
  const lines = Buffer.from(value)
    .toString("latin1")
    .split(/\r?\n/)
    .map((line) => line.trim());
  if (lines.filter((line) => line !== "").length < 2) return [];
  const words = lines.filter((line) => line.length >= SHORTEST_LINE);
  const values = lines.flatMap(valuesIn).filter((word) => word.length >= SHORTEST_VALUE);
  return [...new Set([...words, ...values])].filter(isRandom);
}

/** `b` of `a=b`, `a: b` and `"a": "b",` */
function valuesIn(line: string): string[] {
  return [...line.matchAll(/[=:]\s*(?:"([^"]*)"|'([^']*)'|([^\s"',;]+))/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

function isRandom(word: string): boolean {
  if (!/^[\w+/=~.!#$%^&*-]+$/.test(word) || word.startsWith("/") || word.startsWith("-")) return false;
  return /[A-Za-z]/.test(word) && /\d/.test(word);
}
