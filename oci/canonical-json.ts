// JSON with one spelling for one value, so that it can be hashed: keys sorted by code unit, no spaces.
// https://www.rfc-editor.org/rfc/rfc8785

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

/** Long lists of digests are common: they are texts as JSON has them anyway. */
function canonicalArray(values: readonly unknown[]): string {
  if (values.every((value) => typeof value === "string")) return JSON.stringify(values);
  return `[${values.map(canonicalJson).join(",")}]`;
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
