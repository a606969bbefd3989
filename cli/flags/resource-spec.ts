// `--resource memory=512m,cpus=1.5`: limits of steps in one flag, for those that have one of their own.
// https://docs.docker.com/reference/cli/docker/buildx/build/#resource

import type { FlagValues } from "./flag-values.js";
import { usageError } from "./usage-error.js";
import { splitAssignment, splitFields } from "./values.js";

const LIMITS = [
  "memory",
  "memory-swap",
  "cpus",
  "cpu-shares",
  "cpu-period",
  "cpu-quota",
  "cpuset-cpus",
  "cpuset-mems",
  "pids-limit",
];

/** The text of the limit of this name, from its own flag or from `--resource`. @throws usage when both have it, or for an unknown one */
export function limitText(flags: FlagValues, name: string): string | undefined {
  const own = flags.text(name);
  const shared = resources(flags).get(name);
  if (own !== undefined && shared !== undefined)
    throw usageError(`--${name} and --resource ${name}= say one thing twice`, "Leave one of them out.");
  return own ?? shared;
}

function resources(flags: FlagValues): ReadonlyMap<string, string> {
  const words = flags.list("resource").flatMap((text) => splitFields(text, "--resource"));
  return new Map(words.map(readLimit));
}

function readLimit(word: string): [name: string, value: string] {
  const [name, value] = splitAssignment(word);
  if (LIMITS.includes(name) && value) return [name, value];
  throw usageError(`--resource "${word}": expected LIMIT=VALUE`, `Use one of ${LIMITS.join(", ")}.`);
}
