// The tables of commands that do a part of what a build does: they take the flags that change this part, and refuse the
// others by name, rather than take them without effect.

import { BUILD_FLAGS } from "./build-flags.js";
import type { Flag, FlagTable, RefusedFlag } from "./flag.js";

export interface PartOfBuild {
  /** What the command does: `a shell`. */
  readonly what: string;
  /** The flags of a build that change it. */
  readonly takes: (name: string) => boolean;
  /** Those of them that --help lists, in one group. @default those that --help of `build` lists, in its groups */
  readonly listed?: readonly string[];
  /** Flags of its own. Of those of a build with the same names there is nothing then. */
  readonly own: readonly Flag[];
}

export function buildFlagsOf({ what, takes, listed, own }: PartOfBuild): FlagTable {
  const flags = BUILD_FLAGS.flags.filter((flag) => !own.some(({ name }) => name === flag.name));
  const taken = flags.filter(({ name }) => takes(name));
  const others = flags.filter(({ name }) => !takes(name));
  return {
    flags: [...own, ...taken.map((flag) => (listed ? inGroup(flag, listed) : flag))],
    refused: [...BUILD_FLAGS.refused, ...others.map((flag) => refusal(flag, what))],
  };
}

function inGroup({ group: _, ...flag }: Flag, listed: readonly string[]): Flag {
  return listed.includes(flag.name) ? { ...flag, group: "Options" } : flag;
}

/** A switch that is off asks for nothing. */
function refusal({ name, short, other, kind }: Flag, what: string): RefusedFlag {
  return {
    name,
    kind,
    ...(short !== undefined && { short }),
    ...(other !== undefined && { other }),
    ...(kind === "bool" && { harmless: ["false"] }),
    reason: `has no meaning for ${what}`,
    instead: "Leave it out.",
  };
}
