// Points in time, as the filters of docker and podman take them.
// https://docs.docker.com/reference/cli/docker/image/prune/#filter

import { parseAge } from "./quantities.js";
import { usageError } from "./usage-error.js";

/** `2026-11-21`, with `T10:00`, `T10:00:00` and a zone or `Z`; without one it is this machine's. */
const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** Milliseconds since 1970 of a date, of seconds since 1970, or of an age before `now`. @throws usage */
export function parseTime(text: string, spelling: string, now = Date.now()): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!DATE.test(text)) return now - parseAge(text, spelling);
  const time = Date.parse(text.includes("T") ? text : `${text}T00:00`);
  if (!Number.isNaN(time)) return time;
  throw usageError(`invalid argument "${text}" for "${spelling}" flag: expected a date such as 2026-11-21`);
}
