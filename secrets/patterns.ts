// The forms in which the value of a secret may turn up in a log or a file.
// https://www.rfc-editor.org/rfc/rfc4648#section-4 and https://www.rfc-editor.org/rfc/rfc3986#section-2.1

import { piecesOf } from "./pieces.js";

/** Values by the ids that the user gave them. */
export type SecretValues = ReadonlyMap<string, Uint8Array>;

export interface Pattern {
  readonly id: string;
  /** How the value is written: `` as it is, else `base64` or `URL-encoded`. */
  readonly form: "" | "base64" | "URL-encoded";
  readonly bytes: Buffer;
}

/** Shorter values are words of any text: masking them would hide nothing and spoil everything. */
const SHORTEST = 3;
/** Lines of a secret that has several are masked one by one from this length on. */
const SHORTEST_LINE = 8;
/** What is this short is in many files by chance. */
const SHORTEST_SEARCHED = 6;
/** Characters in a line of the usual tools: `base64`, and PEM files. */
const BASE64_LINES = [76, 64];

/** What to hide, the longest first. */
export function maskPatterns(values: SecretValues): Pattern[] {
  const patterns = [...values].flatMap(([id, value]) => {
    const lines = [...linesOf(value), ...pieces(value)].filter((line) => line.length >= SHORTEST_LINE);
    return [...formsOf(id, value, SHORTEST), ...lines.flatMap((line) => formsOf(id, line, SHORTEST_LINE))];
  });
  return distinct(patterns).sort((a, b) => b.bytes.length - a.bytes.length);
}

/** What to look for in files: whole values, and what of their lines is secret by itself. */
export function searchPatterns(values: SecretValues): Pattern[] {
  const parts = [...values].flatMap(([id, value]) => [value, ...pieces(value)].map((part) => [id, part] as const));
  return distinct(parts.flatMap(([id, part]) => formsOf(id, part, SHORTEST_SEARCHED)));
}

/** Secrets that are hidden in what is printed, but are too short to look for. */
export function unsearched(values: SecretValues): string[] {
  const isShort = (length: number): boolean => length > 0 && length < SHORTEST_SEARCHED;
  return [...values].filter(([, value]) => isShort(withoutNewline(value).length)).map(([id]) => id);
}

const pieces = (value: Uint8Array): Buffer[] => piecesOf(value).map((piece) => Buffer.from(piece, "latin1"));

function formsOf(id: string, given: Uint8Array, shortest: number): Pattern[] {
  const value = withoutNewline(given);
  if (value.length < shortest) return [];
  const base64 = base64Forms(value).map((text) => pattern(id, "base64", text));
  return [
    { id, form: "", bytes: value },
    ...base64,
    ...urlForms(value).map((text) => pattern(id, "URL-encoded", text)),
  ];
}

const pattern = (id: string, form: Pattern["form"], text: string): Pattern => ({
  id,
  form,
  bytes: Buffer.from(text, "latin1"),
});

/** A file usually ends with a newline that nobody copies. */
function withoutNewline(value: Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const end = bytes.length - /\r?\n?$/.exec(bytes.subarray(-2).toString("latin1"))![0].length;
  return bytes.subarray(0, end);
}

function linesOf(value: Uint8Array): Buffer[] {
  const lines = Buffer.from(value).toString("latin1").split(/\r?\n/);
  return lines.length < 2 ? [] : lines.map((line) => Buffer.from(line, "latin1"));
}

/**
 * Both alphabets, without padding, in one line and in the lines of the usual tools. In the middle of a longer text, as in
 * `user:password`, a value has two more forms; of those, the characters that depend on what is around are left off.
 */
function base64Forms(value: Buffer): string[] {
  const aligned = [0, 1, 2].map((before) => inner(value, before)).filter((text) => text.length >= SHORTEST_SEARCHED);
  const whole = value.toString("base64");
  const wrapped = BASE64_LINES.filter((width) => whole.length > width).map((width) =>
    whole.replace(new RegExp(`.{${width}}(?=.)`, "g"), "$&\n"),
  );
  return [whole.replace(/=+$/, ""), ...aligned, ...wrapped].flatMap((text) => [
    text,
    text.replaceAll("+", "-").replaceAll("/", "_"),
  ]);
}

function inner(value: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), value])
    .toString("base64")
    .replace(/=+$/, "");
  const isWhole = (before + value.length) % 3 === 0;
  return text.slice(before === 0 ? 0 : before + 1, isWhole ? undefined : -1);
}

/** As browsers and as forms write it, with digits of either case. */
function urlForms(value: Buffer): string[] {
  const text = value.toString("latin1");
  const encode = (keep: RegExp) =>
    text.replace(keep, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
  const strict = encode(/[^A-Za-z0-9\-._~]/g);
  const loose = encode(/[^A-Za-z0-9\-._~!'()*]/g);
  const form = encode(/[^A-Za-z0-9\-._*]/g).replaceAll("%20", "+");
  const forms = [strict, loose, form];
  return forms
    .flatMap((one) => [one, one.replace(/%../g, (digits) => digits.toLowerCase())])
    .filter((one) => one !== text);
}

function distinct(patterns: readonly Pattern[]): Pattern[] {
  const found = new Map(patterns.map((one) => [one.bytes.toString("latin1"), one] as const).reverse());
  return [...found.values()].reverse();
}
