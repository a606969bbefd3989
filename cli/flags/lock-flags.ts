// The flags of `tsbuild lock`: those of a build that say which sources there are and how they are reached, and its own.

import { buildFlagsOf } from "./build-flags-of.js";
import { FORMAT_TEXT } from "./command-flags.js";
import type { FlagTable } from "./flag.js";
import { READING_FLAGS } from "./registry-flags.js";

/** What --help lists. */
const LISTED = ["file", "target", "build-arg", "build-context", "platform", "source-policy", "lock-file", "home"];

/** `--allow`: a RUN that asks for what it may not have fails here too. */
const TAKEN = [
  ...LISTED,
  "os",
  "arch",
  "variant",
  "source-date-epoch",
  "secret",
  "ssh",
  "allow",
  ...READING_FLAGS.map(({ name }) => name),
  "debug",
  "help",
];

export const LOCK_FLAGS: FlagTable = buildFlagsOf({
  what: "a lock",
  takes: (name) => TAKEN.includes(name),
  listed: LISTED,
  own: [
    { name: "check", kind: "bool", group: "Options", help: "change nothing; exit with 1 when the file is out of date" },
    { ...FORMAT_TEXT, group: "Options" },
  ],
});
