// Values that a template can name, and how Go prints them.
// https://pkg.go.dev/fmt

/** An object has the fields that it has; a Map may have any key. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | Unset
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | { readonly [field: string]: Value };

/** A field that is not set: a template prints what Go prints of its type, JSON leaves it out. */
export class Unset {
  static readonly text = new Unset("");
  static readonly list = new Unset("[]");
  static readonly map = new Unset("map[]");
  static readonly no = new Unset("false");
  static readonly pointer = new Unset("<nil>");
  readonly printed: string;

  private constructor(printed: string) {
    this.printed = printed;
  }
}

/** As `{{.}}` prints it: `[a b]`, `map[k:v]`, `{a b}`, `<no value>`. */
export function goText(value: Value): string {
  if (value === undefined || value === null) return "<no value>";
  if (typeof value !== "object") return String(value);
  if (value instanceof Unset) return value.printed;
  if (isList(value)) return `[${value.map(inner).join(" ")}]`;
  if (isMap(value))
    return `map[${sorted(value)
      .map(([key, one]) => `${key}:${inner(one)}`)
      .join(" ")}]`;
  return `{${Object.values(value).map(inner).join(" ")}}`;
}

/** As `{{json .}}` prints it: keys of maps are sorted. */
export function jsonText(value: Value): string {
  if (value === Unset.text) return '""';
  return JSON.stringify(plain(value)) ?? "null";
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

/** Whether `{{if}}` takes the first branch: nothing, 0, false and what is empty are false. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  if (value instanceof Unset) return false;
  return Boolean(value);
}

/** Sorted by key, as Go walks a map. */
export function sorted(map: ReadonlyMap<string, Value>): (readonly [string, Value])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function inner(value: Value): string {
  return value === undefined || value === null ? "<nil>" : goText(value);
}

/** As JSON has it. */
export function plain(value: Value): unknown {
  if (value instanceof Unset) return undefined;
  if (isList(value)) return value.map(plain);
  if (isMap(value)) return Object.fromEntries(sorted(value).map(([key, one]) => [key, plain(one)]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}
