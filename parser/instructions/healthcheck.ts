// HEALTHCHECK NONE and HEALTHCHECK [--interval=… …] CMD command (S-148).
// https://docs.docker.com/reference/dockerfile/#healthcheck

import { DockerfileError } from "../error.js";
import type { Flags } from "../flags.js";
import { parseDuration } from "../grammar/duration.js";
import { parseJsonForm } from "../json-form.js";
import { didYouMean } from "../../suggest.js";
import type { Text } from "../text.js";
import { cutAtBlanks } from "../words.js";
import { defined, missing, readCommand, type Fields, type Input, type Rule } from "./input.js";

const MILLISECOND = 1_000_000;
const MOST_RETRIES = 2 ** 31 - 1;

export const healthcheck: Rule<"HEALTHCHECK"> = {
  flags: { interval: "value", timeout: "value", "start-period": "value", "start-interval": "value", retries: "value" },
  read(input) {
    const [type, command] = cutAtBlanks(input.args);
    return { ...readProbe(input, type, command), ...readTimes(input.flags) };
  },
};

function readProbe(input: Input, type: Text, args: Text | undefined): Fields<"HEALTHCHECK"> {
  const name = type.value.toUpperCase();
  if (name === "") throw missing(input, "CMD and a command, or NONE");
  if (name === "NONE" && args === undefined) return {};
  if (name === "NONE") {
    throw new DockerfileError(
      "too_many_arguments",
      `HEALTHCHECK NONE takes no arguments, found "${args!.value}"`,
      args!.span(),
      { hint: "Remove them." },
    );
  }
  if (name !== "CMD") {
    const hint = didYouMean(name, ["CMD", "NONE"]) ?? `Write HEALTHCHECK CMD ${type.value}.`;
    throw new DockerfileError("syntax", `Unknown type "${type.value}" in HEALTHCHECK (try CMD)`, type.span(), {
      hint,
    });
  }
  const json = args && parseJsonForm(args);
  if (args === undefined || json?.length === 0)
    throw missing({ keyword: type }, "a command", "Missing command after HEALTHCHECK CMD");
  return { command: readCommand({ args, json }) };
}

function readTimes(flags: Flags): Fields<"HEALTHCHECK"> {
  return defined({
    interval: readTime(flags.text("interval")),
    timeout: readTime(flags.text("timeout")),
    startPeriod: readTime(flags.text("start-period")),
    startInterval: readTime(flags.text("start-interval")),
    retries: readRetries(flags.text("retries")),
  });
}

/** In nanoseconds. Nothing and zero mean: as inherited. */
function readTime(text: Text | undefined): number | undefined {
  if (text === undefined || text.length === 0) return undefined;
  const time = parseDuration(text);
  if (time === 0) return undefined;
  if (time >= MILLISECOND) return time;
  const hint = "Use 1ms or more, or 0 to inherit it.";
  throw new DockerfileError(
    "bad_flag_value",
    `a time of a health check is at least 1ms, found "${text.value}"`,
    text.span(),
    { hint },
  );
}

function readRetries(text: Text | undefined): number | undefined {
  if (text === undefined || text.length === 0) return undefined;
  const retries = /^\+?\d+$/.test(text.value) ? Number(text.value) : -1;
  if (retries >= 0 && retries <= MOST_RETRIES) return retries === 0 ? undefined : retries;
  const hint = "Write a whole number, or 0 to inherit it.";
  throw new DockerfileError(
    "bad_flag_value",
    `retries must be from 0 to ${MOST_RETRIES}, found "${text.value}"`,
    text.span(),
    { hint },
  );
}
