// The flags of the commands on past builds.

import { FORMAT_LIST, FORMAT_TEXT, storeFlags } from "./command-flags.js";
import type { FlagTable } from "./flag.js";
import { REGISTRY_FLAGS } from "./registry-flags.js";
import { QUIET } from "./shared-flags.js";

export const BUILDS_FLAGS: FlagTable = storeFlags(
  {
    name: "filter",
    kind: "list",
    value: "NAME=VALUE",
    help: "only those with status=STATUS or of=TEXT",
    details:
      "STATUS is running, done, failed, canceled or killed. TEXT is a part of the context, the Dockerfile, the target or a tag. May be repeated.",
  },
  { name: "limit", short: "n", kind: "int", value: "N", help: "list N builds (default: 20; with BUILD its steps)" },
  { name: "rm", kind: "bool", help: "forget the build and its logs; image and cache stay" },
  { ...QUIET, help: "print only ids" },
  FORMAT_LIST,
);

export const LOGS_FLAGS: FlagTable = storeFlags();

export const EXPLAIN_FLAGS: FlagTable = storeFlags(
  {
    name: "step",
    kind: "string",
    value: "STEP",
    help: "only this step, and what it follows",
    details: "A number as progress shows it, of the last stage; STAGE:NUMBER; or words that only one step has.",
  },
  {
    name: "against",
    kind: "string",
    value: "BUILD",
    help: "a build, or a cache: type=… (default: the nearest build)",
    details:
      "A cache is written as for `--cache-from`, with its type: `type=registry,ref=REF`. Of it the steps of the same Dockerfile and target are taken, else those that were written last.",
  },
  FORMAT_TEXT,
  { name: "json", kind: "bool", help: "short for --format=json" },
  ...REGISTRY_FLAGS,
);
