// Names of files as strings, whatever bytes they have. Linux names are bytes; a byte that is not part of valid UTF-8
// becomes the lone surrogate U+DC00 + byte (U+DC80 to U+DCFF), so that every name has one exact string and back.

import { isUtf8 } from "node:buffer";
import { LONGEST_PATH, reachable } from "./deep-path.js";

const ESCAPE = 0xdc00;
const REPLACEMENT = "\ufffd";

/** The string for the bytes of a name, a path or a symlink's target. Never fails, never loses a byte. */
export function decodeName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString("utf8") : decodeMixed(buffer);
}

/** The bytes that `decodeName` made `name` from. Other lone surrogates, which no name has, become U+FFFD. */
export function encodeName(name: string): Buffer {
  if (isWellFormed(name)) return Buffer.from(name, "utf8");
  const pieces: Buffer[] = [];
  for (const piece of name.split(/(?<![\ud800-\udbff])([\udc80-\udcff]+)/)) pieces.push(encodePiece(piece));
  return Buffer.concat(pieces);
}

/**
 * What Node's functions take for a path: the string itself, or bytes when Node could not spell it, or when it is longer than the
 * system takes. To be used at once: see `reachable`.
 */
export function hostPath(path: string): string | Buffer {
  if (path.length > MAYBE_TOO_LONG && Buffer.byteLength(path) > LONGEST_PATH) return reachable(encodeName(path));
  return isWellFormed(path) ? path : encodeName(path);
}

/** UTF-16 code units; each is at most 3 bytes of UTF-8. */
const MAYBE_TOO_LONG = LONGEST_PATH / 3;

/** True when a name that Node decoded may have lost bytes, so that it has to be read again as bytes. */
export function isLossy(name: string): boolean {
  return name.includes(REPLACEMENT);
}

/** `a/b` for `a/b/c`; "" for a name at the root, and for the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** `c` for `a/b/c`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `directory/name`, where "" is the root. */
export function joinPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** The order of names in a directory: by UTF-16 code units, which for ASCII is the order of bytes. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

function encodePiece(piece: string): Buffer {
  const escaped = /^[\udc80-\udcff]/.test(piece);
  return escaped
    ? (Buffer.from(piece, "utf16le").filter((_, index) => index % 2 === 0) as Buffer)
    : Buffer.from(piece, "utf8");
}

function decodeMixed(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    text += length > 0 ? bytes.toString("utf8", at, at + length) : String.fromCharCode(ESCAPE + bytes[at]!);
    at += length || 1;
  }
  return text;
}

/** Bytes of the valid UTF-8 character at `at`, or 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length < 2) return length;
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
