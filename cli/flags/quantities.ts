// Sizes, durations, numbers: values of flags that are counted.
// https://pkg.go.dev/github.com/docker/go-units#RAMInBytes and https://pkg.go.dev/time#ParseDuration

import { usageError } from "./usage-error.js";

const UNITS = "bkmgtp";

/** `64m`, `1.5g`, `100`: a power of 1024 for each unit. @throws usage */
export function parseBytes(text: string, spelling: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([bkmgtp]?)(?:i?b)?$/i.exec(text);
  if (!match) throw usageError(`invalid argument "${text}" for "${spelling}" flag: expected a size such as 64m`);
  return Math.floor(Number(match[1]) * 1024 ** Math.max(0, UNITS.indexOf(match[2]!.toLowerCase() || "b")));
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** setTimeout takes no more. */
const LONGEST = 2 ** 31 - 1;

/** Milliseconds. `1h30m`, `90s`, `1.5m`. @throws usage */
export function parseDuration(text: string, spelling: string): number {
  const total = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text) ? millisecondsOf(text) : 0;
  if (total < 1 || total > LONGEST) throw badDuration(text, spelling);
  return Math.round(total);
}

/** Milliseconds of an age, however long: as a duration, with days, or `0`. @throws usage */
export function parseAge(text: string, spelling: string): number {
  if (!/^(?:0|(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)$/.test(text))
    throw usageError(`invalid argument "${text}" for "${spelling}" flag: expected an age such as 90s, 24h, 30d or 0`);
  return Math.round(millisecondsOf(text));
}

function millisecondsOf(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * MILLISECONDS[unit!]!, 0);
}

function badDuration(text: string, spelling: string) {
  return usageError(
    `invalid argument "${text}" for "${spelling}" flag: expected a duration such as 90s or 1h30m, at most 596h`,
  );
}

export interface NumberRange {
  readonly least: number;
  /** @default false */
  readonly fractions?: boolean;
}

/** @throws usage */
export function parseNumber(text: string, spelling: string, { least, fractions = false }: NumberRange): number {
  const number = Number(text);
  const isNumber = (fractions ? /^-?\d{1,15}(?:\.\d+)?$/ : /^-?\d{1,15}$/).test(text);
  if (isNumber && number >= least) return number;
  throw usageError(
    `invalid argument "${text}" for "${spelling}" flag: expected a ${fractions ? "" : "whole "}number from ${least}`,
  );
}
