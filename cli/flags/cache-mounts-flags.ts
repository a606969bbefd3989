// The flags of the commands on cache mounts.

import { FORMAT_LIST, storeFlags } from "./command-flags.js";
import type { Flag, FlagTable } from "./flag.js";
import { REGISTRY_FLAGS } from "./registry-flags.js";

const PLACE = "REF, or type=registry|local";

const FROM: Flag = {
  name: "from",
  kind: "string",
  value: "SPEC",
  help: `where they are kept: ${PLACE}`,
  details: "As `--cache-mounts-from` of a build.",
};

const TO: Flag = {
  name: "to",
  kind: "string",
  value: "SPEC",
  help: `where to keep them: ${PLACE}`,
  details: "As `--cache-mounts-to` of a build.",
};

const REPLACE: Flag = { name: "replace", kind: "bool", help: "also those that the store has, whose content is lost" };
const ALL: Flag = { name: "all", short: "a", kind: "bool", help: "all of them" };

export const LS_FLAGS: FlagTable = storeFlags(FROM, FORMAT_LIST, ...REGISTRY_FLAGS);
export const MOUNTS_DU_FLAGS: FlagTable = storeFlags(FORMAT_LIST);
export const EXPORT_FLAGS: FlagTable = storeFlags(TO, ...REGISTRY_FLAGS);
export const IMPORT_FLAGS: FlagTable = storeFlags(FROM, REPLACE, ...REGISTRY_FLAGS);
export const RM_FLAGS: FlagTable = storeFlags(ALL);
