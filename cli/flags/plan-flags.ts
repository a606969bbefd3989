// The flags of `tsbuild plan`: those of a build that change which steps run. Where the image goes and how steps are run changes
// nothing of that.

import { buildFlagsOf } from "./build-flags-of.js";
import { FORMAT_TEXT } from "./command-flags.js";
import type { FlagTable } from "./flag.js";
import { POLICY_FLAGS } from "./policy-flags.js";
import { READING_FLAGS } from "./registry-flags.js";

/** What of the input, and of what is known already, decides. Tags name the cache of `--cache=auto`. */
const OF_INPUT = [
  "file",
  "target",
  "build-arg",
  "build-context",
  "platform",
  "os",
  "arch",
  "variant",
  "tag",
  "source-date-epoch",
  "cache",
  "cache-from",
  "cache-ttl",
  "no-cache",
  "no-cache-filter",
  "pull",
  "secret",
  "ssh",
  "allow-secret-in-layer",
];

/** Settings of steps that are part of their keys, and what steps may ask for. */
const OF_STEPS = [
  "allow",
  "network",
  "add-host",
  "shm-size",
  "ulimit",
  "cap-add",
  "cap-drop",
  "security-opt",
  "cgroup-parent",
  "device",
  "volume",
  "mount",
];

const TAKEN = [
  ...OF_INPUT,
  ...OF_STEPS,
  ...[...POLICY_FLAGS, ...READING_FLAGS].map(({ name }) => name),
  "home",
  "debug",
  "help",
];

export const PLAN_FLAGS: FlagTable = buildFlagsOf({
  what: "a plan",
  takes: (name) => TAKEN.includes(name),
  listed: ["file", "target", "build-arg", "build-context", "platform", "no-cache", "no-cache-filter", "pull", "home"],
  own: [{ ...FORMAT_TEXT, group: "Options" }],
});
