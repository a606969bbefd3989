// `--filter` of du and prune, as docker buildx has it: `type=exec.cachemount`, `id~=^3f`, `until=24h`, `inuse=false`.
// https://docs.docker.com/reference/cli/docker/buildx/prune/

import { TsbuildError } from "../errors.js";
import { didYouMean } from "../suggest.js";
import { TYPES, type Unit } from "./unit.js";

export type UnitFilter = (unit: Unit) => boolean;

const TEXTS: Readonly<Record<string, (unit: Unit) => readonly string[]>> = {
  id: ({ id }) => [id],
  type: ({ type }) => [type],
  kind: ({ kind }) => [kind],
  description: ({ description }) => [description],
};

/** Where only these words can match. BuildKit has types of what is not kept here: they match nothing. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  kind: Object.keys(TYPES),
  type: [...new Set<string>(Object.values(TYPES)), "source.local", "frontend"],
};

const SWITCHES: Readonly<Record<string, (unit: Unit) => boolean>> = {
  inuse: ({ inUse }) => inUse,
  shared: ({ shared }) => shared,
  private: ({ shared }) => !shared,
  mutable: ({ mutable }) => mutable,
  immutable: ({ mutable }) => !mutable,
};

const OPERATORS = ["!=", "~=", "==", "="] as const;

/** @param now milliseconds since the epoch @throws usage */
export function parseFilter(word: string, now: number): UnitFilter {
  const [, name = "", operator = "", value = ""] = /^([a-z-]+)(?:(!=|~=|==?)(.*))?$/s.exec(word) ?? [];
  if (name === "until" || name === "unused-for") return idleFilter(word, operator, value, now);
  const isOn = SWITCHES[name];
  if (isOn) return switchFilter(word, isOn, operator, value);
  const texts = TEXTS[name];
  if (!texts || operator === "") throw unknownFilter(word, name);
  if (operator !== "~=") checkWord(word, value, WORDS[name]);
  return textFilter(word, texts, operator as (typeof OPERATORS)[number], value);
}

function checkWord(word: string, value: string, known: readonly string[] | undefined): void {
  if (!known || known.includes(value)) return;
  const hint = didYouMean(value, known);
  const message = `filter "${word}": expected one of ${known.join(", ")}, found "${value}"`;
  throw new TsbuildError("usage", message, hint === undefined ? {} : { hint });
}

function textFilter(
  word: string,
  texts: (unit: Unit) => readonly string[],
  operator: (typeof OPERATORS)[number],
  value: string,
): UnitFilter {
  if (operator === "~=") {
    const pattern = patternOf(word, value);
    return (unit) => texts(unit).some((text) => pattern.test(text));
  }
  const matches = (unit: Unit) =>
    texts(unit).some((text) => text === value || (texts === TEXTS["id"] && isPrefix(value, text)));
  return operator === "!=" ? (unit) => !matches(unit) : matches;
}

/** Ids are long: the beginning is enough. */
function isPrefix(value: string, id: string): boolean {
  return value.length >= 4 && id.startsWith(value.replace(/^sha256:/, ""));
}

function switchFilter(word: string, isOn: (unit: Unit) => boolean, operator: string, value: string): UnitFilter {
  if (operator === "") return isOn;
  if (operator === "~=" || !/^(?:true|false|1|0)$/.test(value)) throw badFilter(word, "true or false");
  const wanted = (value === "true" || value === "1") === (operator !== "!=");
  return (unit) => isOn(unit) === wanted;
}

function idleFilter(word: string, operator: string, value: string, now: number): UnitFilter {
  const before = operator === "=" || operator === "==" ? momentOf(value, now) : undefined;
  if (before === undefined) throw badFilter(word, "a duration such as 24h, or a time such as 2026-01-31T12:00:00");
  return ({ lastUsed }) => lastUsed <= before;
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `1h30m`, `90s`, `7d`; undefined for what is none. */
export function durationOf(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * MILLISECONDS[unit!]!, 0);
}

/** A duration before now, seconds since the epoch, or a date. */
function momentOf(text: string, now: number): number | undefined {
  const duration = durationOf(text);
  if (duration !== undefined) return now - duration;
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function patternOf(word: string, value: string): RegExp {
  try {
    return new RegExp(value);
  } catch {
    throw badFilter(word, "a regular expression");
  }
}

function badFilter(word: string, expected: string): TsbuildError {
  return new TsbuildError("usage", `filter "${word}": expected ${expected}`, {
    hint: "See tsbuild prune --help for the filters.",
  });
}

function unknownFilter(word: string, name: string): TsbuildError {
  const known = ["until", "unused-for", ...Object.keys(TEXTS), ...Object.keys(SWITCHES)].join(", ");
  const hint = name === "label" ? "Only images have labels: use tsbuild rmi." : undefined;
  return new TsbuildError("usage", `filter "${word}": expected NAME=VALUE with one of ${known}`, hint ? { hint } : {});
}
