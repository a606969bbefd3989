// The flags of builds that go on: --watch and what belongs to it.

import type { Flag } from "./flag.js";
import type { FlagValues } from "./flag-values.js";
import { usageError } from "./usage-error.js";

export const WATCH_FLAGS: readonly Flag[] = [
  {
    name: "watch",
    rare: true,
    kind: "bool",
    help: "build again on every change of what the build reads",
    details:
      "Changes count that an instruction names and .dockerignore does not leave out. A build that a change makes outdated is ended; its finished steps are cached. One line tells of each build.",
  },
  {
    name: "on-built",
    rare: true,
    kind: "string",
    value: "COMMAND",
    help: "with --watch, run this by the shell after each build that gives another image",
    details:
      "It is ended before it runs again, with all that it started. TSBUILD_IMAGE_ID and TSBUILD_IMAGE say what was built.",
  },
];

/** What ends with one build, or waits for a person at its terminal. */
const OF_ONE_BUILD = ["call", "on-error"];

/** @throws usage for a flag that would have no effect */
export function checkWatchFlags(flags: FlagValues): void {
  if (!flags.bool("watch")) {
    if (flags.text("on-built") !== undefined)
      throw usageError("--on-built: is of use with --watch only", "Add --watch.");
    return;
  }
  const single = flags.bool("check") ? "check" : OF_ONE_BUILD.find((name) => flags.text(name) !== undefined);
  if (single !== undefined) throw usageError(`--${single} has no meaning with --watch`, "Leave one of them out.");
}
