// The flags of `tsbuild shell` and `tsbuild replay`.

import { ATTEST_FLAGS } from "./attest-flags.js";
import { BUILD_FLAGS } from "./build-flags.js";
import { IMAGE_FLAGS } from "./output-flags.js";
import type { Flag, FlagTable } from "./flag.js";
import type { FlagValues } from "./flag-values.js";
import { WATCH_FLAGS } from "./watch-flags.js";
import { usageError } from "./usage-error.js";

const STEP: Flag = {
  name: "step",
  kind: "int",
  value: "N",
  group: "Common",
  help: "open the shell after this step; FROM is 1 (default: the last)",
};

/** What is about an image, which a shell makes none of, and about what a build leaves behind. */
const OF_IMAGES = [
  "tag",
  "label",
  "output",
  "push",
  "quiet",
  "call",
  "check",
  "on-error",
  "cache",
  "cache-to",
  "cache-mounts-to",
  ...IMAGE_FLAGS.map(({ name }) => name).filter((name) => name !== "source-date-epoch"),
  "load",
  ...ATTEST_FLAGS.map(({ name }) => name),
  ...WATCH_FLAGS.map(({ name }) => name),
];

/** Those of a build, since it is one up to the step. */
export const SHELL_FLAGS: FlagTable = { ...BUILD_FLAGS, flags: [STEP, ...BUILD_FLAGS.flags.map(withoutGroup)] };

export const AGAIN: Flag = {
  name: "again",
  kind: "bool",
  help: "run the command that failed once more, in place of a shell",
};

/** @throws usage for a flag that would have no effect */
export function refuseImageFlags(flags: FlagValues): void {
  const name = SHELL_FLAGS.flags
    .filter((flag) => OF_IMAGES.includes(flag.name))
    .find((flag) => isGiven(flag, flags))?.name;
  if (name !== undefined) throw usageError(`--${name} has no meaning for a shell`, "Leave it out.");
}

/** --help lists what has a group. */
function withoutGroup(flag: Flag): Flag {
  const { group: _, ...rest } = flag;
  return OF_IMAGES.includes(flag.name) ? rest : flag;
}

function isGiven({ name, kind }: Flag, flags: FlagValues): boolean {
  if (kind === "list") return flags.list(name).length > 0;
  return kind === "bool" ? flags.bool(name) : (kind === "int" ? flags.int(name) : flags.text(name)) !== undefined;
}
