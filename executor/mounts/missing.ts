// A secret or an ssh agent that a step asks for and nobody passed.

import { TsbuildError } from "../../errors.js";
import type { RunMount } from "../../planner/index.js";
import { NOTHING, type PreparedMount } from "./prepared.js";

/** Nothing, unless the mount is required. @throws secret_not_found */
export function missing(
  { type, id, required }: Extract<RunMount, { type: "secret" | "ssh" }>,
  flag: string,
): PreparedMount {
  if (!required) return NOTHING;
  const what = type === "ssh" ? "ssh agent" : "secret";
  throw new TsbuildError("secret_not_found", `the step needs the ${what} "${id}"`, { hint: `Pass it with ${flag}.` });
}
