// The value of the check directive: `skip=JSONArgsRecommended,StageNameCasing;error=true`.
// https://docs.docker.com/reference/dockerfile/#check

import { trimSpace } from "./blank.js";
import { DockerfileError } from "./error.js";
import type { Span } from "./source.js";

export interface CheckOptions {
  /** Rules that are not to be reported. */
  readonly skip: readonly string[];
  readonly skipAll: boolean;
  /** Rules that are reported only when they are named here. */
  readonly experimental: readonly string[];
  readonly experimentalAll: boolean;
  /** True when a finding fails the build. */
  readonly error: boolean;
}

export const DEFAULT_CHECK: CheckOptions = {
  skip: [],
  skipAll: false,
  experimental: [],
  experimentalAll: false,
  error: false,
};

const BOOLEANS: Readonly<Record<string, boolean>> = {
  "1": true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/**
 * Reads the options of a check directive or of a `check=` comment.
 *
 * @throws DockerfileError `bad_directive` at `span`
 */
export function parseCheck(value: string, span: Span): CheckOptions {
  let options = DEFAULT_CHECK;
  for (const part of value.split(";").map(trimSpace)) {
    if (part !== "") options = { ...options, ...parseOption(part, span) };
  }
  return options;
}

function parseOption(part: string, span: Span): Partial<CheckOptions> {
  const [, name = "", value = ""] = /^([^=]*?)\s*=\s*(.*)$/.exec(part) ?? [];
  const list = value === "all" ? [] : value.split(",").map(trimSpace);
  if (name === "skip") return { skip: list, skipAll: value === "all" };
  if (name === "experimental") return { experimental: list, experimentalAll: value === "all" };
  if (name !== "error") throw bad(`"${part}" is not a check option, expected skip, error or experimental`, span);
  const error = Object.hasOwn(BOOLEANS, value) ? BOOLEANS[value] : undefined;
  if (error === undefined) throw bad(`the check option error must be true or false, found "${value}"`, span);
  return { error };
}

function bad(message: string, span: Span): DockerfileError {
  const hint = "Write it like # check=skip=JSONArgsRecommended,StageNameCasing;error=true.";
  return new DockerfileError("bad_directive", message, span, { hint });
}
