// The flags of `tsbuild lock`: those of a build, and its own.

import { BUILD_FLAGS } from "./build-flags.js";
import { FORMAT_TEXT } from "./command-flags.js";
import type { FlagTable } from "./flag.js";

/** Flags of `build` that --help of `lock` lists; it takes the others too. */
const LISTED = ["file", "target", "build-arg", "build-context", "platform", "source-policy", "lock-file", "home"];

/** What means another thing here, or would do something else. */
const OTHERS = ["format", "check", "call", "fix"];

export const LOCK_FLAGS: FlagTable = {
  flags: [
    { name: "check", kind: "bool", group: "Options", help: "change nothing; exit with 1 when the file is out of date" },
    ...BUILD_FLAGS.flags
      .filter(({ name }) => !OTHERS.includes(name))
      .map(({ group: _, ...flag }) => (LISTED.includes(flag.name) ? { ...flag, group: "Options" } : flag)),
    { ...FORMAT_TEXT, group: "Options" },
  ],
  refused: BUILD_FLAGS.refused,
};
