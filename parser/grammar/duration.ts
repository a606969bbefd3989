// Durations in flags of HEALTHCHECK, as `1h30m`.
// https://docs.docker.com/reference/dockerfile/#healthcheck

import { DockerfileError } from "../error.js";
import type { Text } from "../text.js";
import compiled from "./duration.grammar.js";
import { Grammar } from "./run.js";

const duration = new Grammar<number>(compiled);

/** Longer text is no duration that anybody means; nearley keeps a state for each character. */
const LONGEST = 64;

/** The longest duration that Go holds, about 292 years. */
const MOST_NANOSECONDS = 2 ** 63;

/**
 * Nanoseconds, which may be negative.
 *
 * @throws DockerfileError `bad_flag_value`
 */
export function parseDuration(text: Text): number {
  const value = text.length > LONGEST ? undefined : duration.read(text.value);
  if (value !== undefined && Math.abs(value) < MOST_NANOSECONDS) return value;
  const hint = "Write a number with a unit of ns, us, ms, s, m or h, as 1m30s.";
  throw new DockerfileError(
    "bad_flag_value",
    `expected a duration, found "${text.value.slice(0, LONGEST)}"`,
    text.span(),
    { hint },
  );
}
