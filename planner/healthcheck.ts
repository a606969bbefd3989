// HEALTHCHECK: how to find out whether a container works (S-148).
// https://docs.docker.com/reference/dockerfile/#healthcheck

import type { Healthcheck } from "../oci/index.js";
import type { HealthcheckInstruction } from "../parser/index.js";
import { configure } from "./config.js";
import { duration, quote, quoteList, quoteRune } from "./go-format.js";
import { type Line, type StageState, record } from "./state.js";

export function planHealthcheck({ instruction }: Line<HealthcheckInstruction>, state: StageState): StageState {
  const check = healthcheckOf(instruction);
  return record({ ...state, image: configure(state.image, { Healthcheck: check }) }, `HEALTHCHECK ${describe(check)}`);
}

/** What is 0 means inherit, and is left out. */
function healthcheckOf(instruction: HealthcheckInstruction): Healthcheck {
  const { interval, timeout, startPeriod, startInterval, retries } = instruction;
  return {
    Test: testOf(instruction),
    ...(interval && { Interval: interval }),
    ...(timeout && { Timeout: timeout }),
    ...(startPeriod && { StartPeriod: startPeriod }),
    ...(startInterval && { StartInterval: startInterval }),
    ...(retries && { Retries: retries }),
  };
}

function testOf({ command }: HealthcheckInstruction): readonly string[] {
  if (!command) return ["NONE"];
  return command.form === "exec" ? ["CMD", ...command.args] : ["CMD-SHELL", command.text];
}

/** As Go prints the pointer to a struct with `%q`, the number of retries as a character (S-155). */
function describe({
  Test = [],
  Interval = 0,
  Timeout = 0,
  StartPeriod = 0,
  StartInterval = 0,
  Retries = 0,
}: Healthcheck): string {
  const times = [Interval, Timeout, StartPeriod, StartInterval].map((time) => quote(duration(time)));
  return `&{${[quoteList(Test), ...times, quoteRune(Retries)].join(" ")}}`;
}
