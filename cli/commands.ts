// All commands, in the order in which the help lists them.

import type { Command } from "./command.js";
import { BUILDING } from "./command-groups/building.js";
import { FILES } from "./command-groups/files.js";
import { HISTORY } from "./command-groups/history.js";
import { IMAGES } from "./command-groups/images.js";
import { PROGRAM } from "./command-groups/program.js";
import { REGISTRIES } from "./command-groups/registries.js";
import { SPACE } from "./command-groups/space.js";

export const DEFAULT_COMMAND = "build";

export const COMMANDS: readonly Command[] = [
  ...BUILDING,
  ...HISTORY,
  ...IMAGES,
  ...REGISTRIES,
  ...SPACE,
  ...FILES,
  ...PROGRAM,
];

export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}
