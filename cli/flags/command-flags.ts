// The flags that several commands beside `build` have.

import type { Flag, FlagTable } from "./flag.js";
import { DEBUG, HELP, HOME } from "./shared-flags.js";

export const FORMAT_JSON: Flag = { name: "format", kind: "string", value: "FORMAT", choices: ["json"], help: "json" };
export const FORMAT_LIST: Flag = { ...FORMAT_JSON, choices: ["table", "json"], help: "table or json" };
export const FORMAT_TEXT: Flag = { ...FORMAT_JSON, choices: ["text", "json"], help: "text or json" };
export const PLATFORM: Flag = {
  name: "platform",
  kind: "string",
  value: "OS/ARCH",
  env: ["DOCKER_DEFAULT_PLATFORM"],
  help: "the platform of the image (default: this machine's)",
};

/** The flags of a command on the store: its own, and those of all of them. */
export function storeFlags(...flags: readonly Flag[]): FlagTable {
  return { flags: [...flags, HOME, DEBUG, HELP], refused: [] };
}
