// The functions of docker's templates, and of Go's own those that make sense here.
// https://docs.docker.com/engine/cli/formatting/

import { goText, isList, isMap, isTrue, jsonText, Unset, type Value } from "./value.js";

type TemplateFunction = (args: readonly Value[]) => Value;

/** @throws Error with what was expected; the caller says in which template */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  json: ([value]) => jsonText(value),
  join: ([list, separator]) => items(list).map(goText).join(goText(separator)),
  split: ([value, separator]) => goText(value).split(goText(separator)),
  lower: ([value]) => goText(value).toLowerCase(),
  upper: ([value]) => goText(value).toUpperCase(),
  title: ([value]) => goText(value).replace(/(^|\s)\S/g, (first) => first.toUpperCase()),
  pad: ([value, before, after]) => blanks(before) + goText(value) + blanks(after),
  truncate: ([value, length]) => goText(value).slice(0, number(length)),
  print,
  println: (args) => `${args.map(goText).join(" ")}\n`,
  printf: ([format, ...args]) => printf(goText(format), args),
  html: (args) => print(args).replace(/[&<>"'\0]/g, (character) => HTML[character]!),
  js: (args) => print(args).replace(/[\\'"<>&=\p{Cc}]/gu, escapedForJs),
  urlquery: (args) => new URLSearchParams([["", print(args)]]).toString().slice(1),
  len: ([value]) => lengthOf(value),
  index: ([value, ...keys]) => keys.reduce<Value>(at, value),
  slice: ([value, from = 0, to]) => slice(value, from, to),
  eq: ([value, ...others]) => others.some((other) => same(value, other)),
  ne: ([a, b]) => !same(a, b),
  lt: ([a, b]) => compare(a, b) < 0,
  le: ([a, b]) => compare(a, b) <= 0,
  gt: ([a, b]) => compare(a, b) > 0,
  ge: ([a, b]) => compare(a, b) >= 0,
  and: (args) => args.find((value) => !isTrue(value)) ?? args.at(-1),
  or: (args) => args.find(isTrue) ?? args.at(-1),
  not: ([value]) => !isTrue(value),
};

/** As Go writes them. */
const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
  "\0": "\uFFFD",
};

function escapedForJs(character: string): string {
  if (character === "\\" || character === "'" || character === '"') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function items(value: Value): readonly Value[] {
  if (isList(value)) return value;
  if (value === undefined || value === null || value instanceof Unset) return [];
  throw new Error(`expected a list, found ${goText(value)}`);
}

function number(value: Value): number {
  if (typeof value === "number") return value;
  throw new Error(`expected a number, found ${goText(value)}`);
}

const blanks = (count: Value): string => " ".repeat(Math.min(1000, Math.max(0, number(count ?? 0))));

function lengthOf(value: Value): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  return isMap(value) ? value.size : items(value).length;
}

/** A map gives the empty text for a key that it lacks; so does what is not set, which has none. */
function at(value: Value, key: Value): Value {
  if (isMap(value)) return value.has(goText(key)) ? value.get(goText(key)) : Unset.text;
  if (typeof key === "string" && isNothing(value)) return Unset.text;
  const list = typeof value === "string" ? [...value] : items(value);
  const position = number(key);
  if (position >= 0 && position < list.length) return list[position];
  throw new Error(`the index ${position} is out of range: the list has ${list.length}`);
}

const isNothing = (value: Value): boolean => value === Unset.map || value === undefined || value === null;

function slice(value: Value, from: Value, to: Value): Value {
  const end = to === undefined ? undefined : number(to);
  return typeof value === "string" ? value.slice(number(from), end) : items(value).slice(number(from), end);
}

function same(a: Value, b: Value): boolean {
  return a === b || goText(a) === goText(b);
}

function compare(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [one, other] = [goText(a), goText(b)];
  return one < other ? -1 : Number(one > other);
}

/** Blanks stand between values of which neither is a text. */
function print(args: readonly Value[]): string {
  const isApart = (position: number) => [position - 1, position].every((each) => typeof args[each] !== "string");
  return args.map((value, position) => (position > 0 && isApart(position) ? " " : "") + goText(value)).join("");
}

/** %s, %v, %d, %q and %% with an optional width. */
function printf(format: string, args: readonly Value[]): string {
  const left = [...args];
  return format.replace(/%(-?\d*)([%svdq])/g, (_, width: string, verb: string) => {
    if (verb === "%") return "%";
    const value = left.shift();
    const text = verb === "q" ? JSON.stringify(goText(value)) : goText(value);
    const columns = Math.min(1000, Math.abs(Number(width)));
    return width.startsWith("-") ? text.padEnd(columns) : text.padStart(columns);
  });
}
