// The keys of PAX records for extended attributes: `SCHILY.xattr.<name>` with the value's bytes as they are (star,
// GNU tar, Go), and `LIBARCHIVE.xattr.<escaped name>` with base64 (bsdtar).

import { decodeName } from "../path-bytes.js";

const SCHILY = "SCHILY.xattr.";
const LIBARCHIVE = "LIBARCHIVE.xattr.";

/** A key cannot hold "="; GNU tar writes it as %3D, and reads %25 as "%". */
export function xattrKey(name: string): string {
  const escaped = /=|%3D|%25/.test(name) ? name.replaceAll("%", "%25").replaceAll("=", "%3D") : name;
  return SCHILY + escaped;
}

/** The attribute that a record holds, or undefined when it holds something else. */
export function xattrOf(key: string, value: Buffer): { readonly name: string; readonly value: Buffer } | undefined {
  if (key.startsWith(SCHILY)) return { name: unescapeGnu(key.slice(SCHILY.length)), value };
  if (key.startsWith(LIBARCHIVE)) {
    return { name: unescapeUrl(key.slice(LIBARCHIVE.length)), value: Buffer.from(value.toString("latin1"), "base64") };
  }
  return undefined;
}

function unescapeGnu(name: string): string {
  return name.replaceAll("%3D", "=").replaceAll("%25", "%");
}

function unescapeUrl(name: string): string {
  const bytes = Buffer.from(name)
    .toString("latin1")
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return decodeName(Buffer.from(bytes, "latin1"));
}
