// --help, made from the tables of commands and flags.

import type { Command } from "./command.js";
import { commandsOfGroup, DEFAULT_COMMAND, firstWords } from "./commands.js";
import type { Flag } from "./flags/flag.js";
import { reasonOf } from "./flags/parse.js";

/**
 * What `--help` prints: the flags that are common. That of `build` is that of tsbuild, and names the other commands.
 * At most 40 lines.
 */
export function commandHelp(command: Command): string {
  const { name, usage, flags } = command;
  const isWhole = flags.flags.every(isListedIn(flags.flags));
  if (name !== DEFAULT_COMMAND)
    return otherHelp(command, flagGroups(flags.flags, isWhole ? "" : ` (all: tsbuild help ${name})`));
  return [
    `Usage: tsbuild ${usage}`,
    commandList(),
    ...flagGroups(flags.flags),
    ...examples(command),
    'Run "tsbuild help COMMAND", "tsbuild help --FLAG" or "tsbuild help flags" for more.\n',
  ].join("\n");
}

/** What `tsbuild help COMMAND` prints: all flags, but for `build`, of which `tsbuild help flags` lists them. */
export function fullHelp(command: Command): string {
  const isMain = command.name === DEFAULT_COMMAND;
  return isMain ? commandHelp(command) : otherHelp(command, [`Options:\n${flagLines(command.flags.flags)}`]);
}

function otherHelp(command: Command, options: readonly string[]): string {
  const head = [`Usage: tsbuild ${command.usage}`, sentence(command.summary)];
  return `${[...head, ...options, ...examples(command)].join("\n\n")}\n`;
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

/** Where flags have groups, those without one are as the rare ones. */
function isListedIn(flags: readonly Flag[]): (flag: Flag) => boolean {
  const hasGroups = flags.some(({ group, rare }) => group !== undefined && rare !== true);
  return ({ group, rare }) => rare !== true && (group !== undefined || !hasGroups);
}

/** Headings with aligned lines, for the flags that have a group; without groups, one list. @param note follows the first heading */
function flagGroups(flags: readonly Flag[], note = ""): string[] {
  const listed = flags.filter(isListedIn(flags));
  const groups = [...new Set(listed.map(({ group }) => group))];
  return groups.map((group, position) => {
    const heading = `${group ?? "Options"}${position === 0 ? note : ""}`;
    return `${heading}:\n${flagLines(listed.filter((flag) => flag.group === group))}`;
  });
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
