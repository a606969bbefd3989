// Values of flags, as Go's strconv and encoding/csv read them.
// https://pkg.go.dev/strconv#ParseBool

import { usageError } from "./usage-error.js";

const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

/** @throws usage */
export function parseBool(text: string, spelling: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw usageError(`invalid argument "${text}" for "${spelling}" flag: expected true or false`);
}

/** A whole number from 1. @throws usage */
export function parseCount(text: string, spelling: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usageError(`invalid argument "${text}" for "${spelling}" flag: expected a whole number from 1`);
}

/** `NAME=VALUE`; the value is undefined when there is no "=". */
export function splitAssignment(text: string): readonly [name: string, value: string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * The fields of one comma-separated line. A field in double quotes may contain commas, and `""` for a quote.
 * @throws usage
 */
export function splitFields(line: string, spelling: string): string[] {
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  const fields: string[] = [];
  for (let separator = ","; separator === ",";) {
    const match = field.exec(line);
    if (!match) throw usageError(`invalid argument "${line}" for "${spelling}" flag: a quote is out of place`);
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    separator = match[3]!;
  }
  return fields;
}
