// --help, made from the tables of commands and flags.

import type { Command } from "./command.js";
import { commandsOfGroup, DEFAULT_COMMAND, firstWords } from "./commands.js";
import type { Flag } from "./flags/flag.js";
import { reasonOf } from "./flags/parse.js";

/** The help of one command. That of `build` is that of tsbuild, and names the other commands. At most 40 lines. */
export function commandHelp(command: Command): string {
  const isMain = command.name === DEFAULT_COMMAND;
  return (
    [
      `Usage: tsbuild ${command.usage}${isMain ? "" : `\n\n${sentence(command.summary)}`}`,
      ...(isMain ? [commandList()] : []),
      ...flagGroups(command.flags.flags),
      ...examples(command),
      ...(isMain ? ['Run "tsbuild help COMMAND", "tsbuild help --FLAG" or "tsbuild help flags" for more.'] : []),
    ].join(isMain ? "\n" : "\n\n") + "\n"
  );
}

/** The commands of a group with what they do. */
export function groupHelp(group: string): string {
  const members = commandsOfGroup(group);
  const width = Math.max(...members.map(({ usage }) => usage.length)) + 2;
  const lines = members.map(({ usage, summary }) => `  tsbuild ${usage.padEnd(width)}${summary}\n`);
  return `Commands of "${group}":\n${lines.join("")}`;
}

/** What `tsbuild help --FLAG` prints for the flag of that name, for each command that has it. */
export function flagHelp(command: Command, name: string): string[] {
  const flag = command.flags.flags.find((candidate) => candidate.name === name || candidate.short === name);
  const refused = command.flags.refused.find((candidate) => candidate.name === name || candidate.short === name);
  if (refused) return [`tsbuild ${command.name} --${refused.name}\n  It ${reasonOf(refused)}. ${refused.instead}\n`];
  if (!flag) return [];
  const env = flag.env ? [`Taken from ${flag.env.join(" or ")} when absent.`] : [];
  const texts = [
    `${sentence(flag.help)}`,
    ...(flag.details === undefined ? [] : [flag.details.replaceAll("`", '"')]),
    ...env,
  ];
  return [`tsbuild ${command.name} ${spelling(flag).trim()}\n${texts.map((text) => `  ${text}\n`).join("")}`];
}

/** `-t, --tag NAME[:TAG]` */
export function spelling({ name, short, value }: Flag): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

const COMMANDS_WIDTH = 84;

function commandList(): string {
  const names = firstWords().filter((name) => name !== DEFAULT_COMMAND);
  const lines: string[] = [];
  while (names.length > 0) {
    let line = names.shift()!;
    while (names.length > 0 && line.length + names[0]!.length < COMMANDS_WIDTH) line += `|${names.shift()}`;
    lines.push(line);
  }
  return `       tsbuild ${lines.join("|\n               ")} ...`;
}

/** All flags of `build`, those that --help does not list too. */
export function allFlags({ flags: { flags } }: Command): string {
  return `Options of "tsbuild build":\n${flagLines([...flags].sort((a, b) => (a.name < b.name ? -1 : 1)))}\n`;
}

/** Headings with aligned lines, for the flags that have a group; without groups, one list. */
function flagGroups(flags: readonly Flag[]): string[] {
  const listed = flags.filter(({ group, rare }) => group !== undefined && rare !== true);
  if (listed.length === 0) return [`Options:\n${flagLines(flags.filter(({ rare }) => rare !== true))}`];
  const groups = [...new Set(listed.map(({ group }) => group))];
  return groups.map((group) => `${group}:\n${flagLines(listed.filter((flag) => flag.group === group))}`);
}

function flagLines(flags: readonly Flag[]): string {
  const width = 36;
  return flags.map((flag) => `  ${spelling(flag).padEnd(width - 1)} ${flag.help}`).join("\n");
}

function examples({ examples: lines = [] }: Command): string[] {
  if (lines.length === 0) return [];
  const width = Math.max(...lines.map(([line]) => line.length)) + 2;
  return [`Examples:\n${lines.map(([line, effect]) => `  ${line.padEnd(width)}${effect}`).join("\n")}`];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
