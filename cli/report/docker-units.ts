// Sizes and ages in the words of docker's listings.
// https://pkg.go.dev/github.com/docker/go-units

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Decimal units, three digits: `0B`, `1.23MB`, `12.3MB`, `123MB`. */
export function shortSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${UNITS[unit]}`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Up to the first limit that is not reached. The last has none. */
const AGES: readonly (readonly [limit: number, text: (age: number) => string])[] = [
  [SECOND, () => "Less than a second"],
  [2 * SECOND, () => "1 second"],
  [MINUTE, (age) => `${Math.floor(age / SECOND)} seconds`],
  [2 * MINUTE, () => "About a minute"],
  [HOUR, (age) => `${Math.floor(age / MINUTE)} minutes`],
  [1.5 * HOUR, () => "About an hour"],
  [2 * DAY, (age) => `${Math.round(age / HOUR)} hours`],
  [14 * DAY, (age) => `${Math.floor(age / DAY)} days`],
  [60 * DAY, (age) => `${Math.floor(age / DAY / 7)} weeks`],
  [730 * DAY, (age) => `${Math.floor(age / DAY / 30)} months`],
  [Infinity, (age) => `${Math.floor(age / DAY / 365)} years`],
];

/** `2 hours ago`; `N/A` for a time that is not known. */
export function since(time: string | undefined, now = Date.now()): string {
  const then = time === undefined ? Number.NaN : Date.parse(time);
  if (Number.isNaN(then)) return "N/A";
  const age = Math.max(0, now - then);
  return `${AGES.find(([limit]) => age < limit)![1](age)} ago`;
}

/** `2026-11-21T07:31:20Z`: RFC 3339, without parts of seconds. */
export function rfc3339(time: string | undefined): string {
  const then = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(then) ? "N/A" : `${new Date(then).toISOString().slice(0, 19)}Z`;
}

/** `2026-11-21 07:31:20 +0000 UTC`, as Go prints a time. */
export function goTime(time: string | undefined): string {
  const then = time === undefined ? Number.NaN : Date.parse(time);
  if (Number.isNaN(then)) return "N/A";
  return `${new Date(then).toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;
}
