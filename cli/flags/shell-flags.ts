// The flags of `tsbuild shell`, which is a build up to a step, and of `tsbuild replay`.

import { ATTEST_FLAGS } from "./attest-flags.js";
import { WITHOUT_EFFECT } from "./build-flags.js";
import { buildFlagsOf } from "./build-flags-of.js";
import { CALL_FLAGS } from "./check-flags.js";
import type { Flag, FlagTable } from "./flag.js";
import { IMAGE_FLAGS, OUTPUT_FLAGS } from "./output-flags.js";
import { WATCH_FLAGS } from "./watch-flags.js";

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
  "quiet",
  "check",
  "on-error",
  "cache",
  "cache-to",
  "cache-mounts-to",
  "creds",
  "upload-chunk",
  ...[...OUTPUT_FLAGS, ...IMAGE_FLAGS, ...ATTEST_FLAGS, ...CALL_FLAGS, ...WATCH_FLAGS].map(({ name }) => name),
  "all-platforms",
  "os-version",
  "os-feature",
  ...Object.keys(WITHOUT_EFFECT),
].filter((name) => name !== "source-date-epoch");

export const SHELL_FLAGS: FlagTable = buildFlagsOf({
  what: "a shell",
  takes: (name) => !OF_IMAGES.includes(name),
  own: [STEP],
});

export const AGAIN: Flag = {
  name: "again",
  kind: "bool",
  help: "run the command that failed once more, in place of a shell",
};
