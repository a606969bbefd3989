// JSON with one spelling for one value, so that it can be hashed: keys sorted by code unit, no spaces.
// https://www.rfc-editor.org/rfc/rfc8785

import { isDigest } from "./digest.js";

/**
 * Equal values give equal text. A property that is undefined counts as absent. Anything that JSON cannot hold (bytes, maps,
 * functions, NaN) is a bug of the caller, and throws.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return canonicalArray(value);
  if (isPlainObject(value)) return `{${properties(value).join(",")}}`;
  throw new TypeError(`canonical JSON cannot hold ${Object.prototype.toString.call(value)}`);
}

function canonicalArray(values: readonly unknown[]): string {
  if (typeof values[0] === "string" && isDigest(values[0])) return `[${elementsOf(values)}]`;
  return `[${values.map(canonicalJson).join(",")}]`;
}

/** The last list of digests, and its text without brackets. */
let last: { readonly values: readonly unknown[]; readonly text: string } = { values: [], text: "" };

/** Keys of steps that stand on one another list the same layers, each some more: only these are written anew. */
function elementsOf(values: readonly unknown[]): string {
  const isLonger = last.values.length > 0 && last.values.every((value, index) => value === values[index]);
  const known = isLonger ? last : { values: [], text: "" };
  const added = values.slice(known.values.length).map(canonicalJson).join(",");
  const text = [known.text, added].filter((part) => part !== "").join(",");
  last = { values: [...values], text };
  return text;
}

function properties(value: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return keys.sort().map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
