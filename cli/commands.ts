// All commands, in the order in which the help lists them.

import type { Command } from "./command.js";
import { BUILDING } from "./command-groups/building.js";
import { CACHE_MOUNTS } from "./command-groups/cache-mounts.js";
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
  ...CACHE_MOUNTS,
  ...FILES,
  ...PROGRAM,
];

/** The commands of a group, by their first word; none for what is no group. */
export function commandsOfGroup(word: string): readonly Command[] {
  return COMMANDS.filter(({ name }) => name.startsWith(`${word} `));
}

/** What can be the first word: commands, and groups of them once. */
export function firstWords(): readonly string[] {
  return [...new Set(COMMANDS.map(({ name }) => name.split(" ", 1)[0]!))];
}

export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}
