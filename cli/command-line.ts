// Words of a command line → the command that they name, run to its end.

import { existsSync } from "node:fs";
import type { Command } from "./command.js";
import { commandsOfGroup, DEFAULT_COMMAND, findCommand, firstWords } from "./commands.js";
import { ExitCode, exitCodeOf } from "./exit-code.js";
import { type CommandLine, parseCommandLine } from "./flags/parse.js";
import { usageError } from "./flags/usage-error.js";
import { commandHelp, groupHelp } from "./help.js";
import type { Io } from "./io.js";
import { insteadOfCommand } from "./other-commands.js";
import { hasStore, rerunInNamespace, suggest } from "../internal.js";
import { describeError } from "./report/error.js";

/** Prints whatever goes wrong. */
export async function runCommandLine(
  words: readonly string[],
  io: Io,
): Promise<{ readonly command: string; readonly code: number }> {
  const chosen = chooseCommand(words);
  if (!chosen) return { command: words[0]!, code: printGroup(words, io) };
  const { command, rest } = chosen;
  const isImplied = rest.length === words.length;
  return { command: command.name, code: await runCommand({ command, rest, isImplied }, io) };
}

interface Chosen {
  readonly command: Command;
  /** The words after its name. */
  readonly rest: readonly string[];
  /** Whether no command is named. */
  readonly isImplied: boolean;
}

async function runCommand({ command, rest, isImplied }: Chosen, io: Io): Promise<number> {
  try {
    if (isImplied) refuseOtherCommand(rest);
    const line = parseLine(command, rest, io);
    if (line.flags.bool("help")) return printHelp(command, io);
    checkArguments(command, line, rest);
    if (isImplied) refuseTypingError(line);
    if (command.needsNamespace && process.geteuid?.() !== 0) {
      const code = await rerunInNamespace(io.signals);
      if (code !== undefined) return code;
    }
    if (command.expectsStore) noteMissingStore(line, io);
    const run = await command.load();
    return await run(line, io);
  } catch (error) {
    return report(error, command, rest, io);
  }
}

function parseLine(
  { flags, interspersed = true, verbatim = false }: Command,
  words: readonly string[],
  { env }: Io,
): CommandLine {
  const isTopic = verbatim && !["--help", "-h"].includes(words[0] ?? "");
  return parseCommandLine(isTopic ? ["--", ...words] : words, flags, { env, interspersed });
}

/**
 * The first word, when it is a command's name, or the first two or three; else all words are for `build`. Undefined for a group with
 * no command of it.
 */
function chooseCommand(words: readonly string[]): Omit<Chosen, "isImplied"> | undefined {
  const leading = leadingFlags(words);
  const [first = "help", ...rest] = words.slice(leading);
  if (leading > 0) {
    const chosen = isCommand(first) ? chooseCommand([first, ...rest]) : undefined;
    if (chosen) return { ...chosen, rest: [...known(words.slice(0, leading), chosen.command), ...chosen.rest] };
    return { command: findCommand(DEFAULT_COMMAND)!, rest: words };
  }
  if (commandsOfGroup(first).length > 0) {
    const length = [3, 2].find((count) => findCommand(words.slice(0, count).join(" ")));
    return length === undefined
      ? undefined
      : { command: findCommand(words.slice(0, length).join(" "))!, rest: words.slice(length) };
  }
  const named = findCommand(isVersion(first) ? "version" : first);
  return named ? { command: named, rest } : { command: findCommand(DEFAULT_COMMAND)!, rest: words };
}

/** The commands of a group: as help when that was asked for, else because one of them was expected. */
function printGroup([group = "", word]: readonly string[], { stdout, stderr }: Io): number {
  if (word === "--help" || word === "-h") {
    stdout.write(groupHelp(group));
    return ExitCode.success;
  }
  const found = word === undefined ? "none" : `"${word}"`;
  stderr.write(`ERROR: tsbuild ${group}: expected a command of it, found ${found}\n${groupHelp(group)}`);
  return ExitCode.usage;
}

/** How many of the first words are flags that all commands have: docker takes those before the command. */
function leadingFlags(words: readonly string[]): number {
  let count = 0;
  for (;;) {
    const word = words[count] ?? "";
    if (word === "--home") count += 2;
    else if (word.startsWith("--home=") || word === "--debug" || word === "-D") count += 1;
    else return Math.min(count, words.length);
  }
}

/** A command that has no store takes no harm from a word on where that is. */
function known(leading: readonly string[], { flags: { flags } }: Command): readonly string[] {
  return ["home", "debug"].every((name) => flags.some((flag) => flag.name === name)) ? leading : [];
}

function isCommand(word: string): boolean {
  return isVersion(word) || findCommand(word) !== undefined || commandsOfGroup(word).length > 0;
}

function isVersion(word: string): boolean {
  return word === "--version" || word === "-v";
}

function noteMissingStore({ flags }: CommandLine, { stderr }: Io): void {
  const home = flags.textOfLine("home");
  if (home !== undefined && !hasStore(home)) stderr.write(`note: there is no store at "${home}"\n`);
}

function printHelp(command: Command, { stdout }: Io): number {
  stdout.write(commandHelp(command));
  return ExitCode.success;
}

function checkArguments(command: Command, { args }: CommandLine, words: readonly string[]): void {
  const {
    name,
    args: [least, most],
    usage,
  } = command;
  if (args.length >= least && args.length <= most) return;
  const expected = least === most ? String(least) : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
  const found = args.length === 0 ? "none" : `${args.length}: ${args.join(" ")}`;
  const what = least === 1 ? "argument" : "arguments";
  const hint = (args.length > most && valueApart(command, args, words)) || `tsbuild ${usage}`;
  throw usageError(`tsbuild ${name}: expected ${expected} ${what}, found ${found}`, `Write "${hint}".`);
}

/** `--squash=all` for `--squash all`: a flag that means something by itself takes no further word. */
function valueApart(
  { flags: { flags } }: Command,
  args: readonly string[],
  words: readonly string[],
): string | undefined {
  const position = words.findIndex((word, index) => {
    const isAlone = flags.some(({ name, implied }) => implied !== undefined && word === `--${name}`);
    return isAlone && args.includes(words[index + 1] ?? "");
  });
  return position < 0 ? undefined : `${words[position]}=${words[position + 1]}`;
}

/** A command of docker, podman, buildah or skopeo; of several words, also what is a command of none. @throws usage */
function refuseOtherCommand(words: readonly string[]): void {
  const [word = "", ...rest] = words.slice(leadingFlags(words));
  if (!/^[a-z][a-z-]*$/.test(word) || existsSync(word)) return;
  const instead = insteadOfCommand(word);
  if (instead !== undefined) throw usageError(`"${word}" is no command of tsbuild`, instead);
  const isAlone = rest.length === 0 || rest[0]!.startsWith("-");
  if (!isAlone && suggest(word, firstWords()) === undefined)
    throw usageError(`"${word}" is neither a command nor a folder`, "Run tsbuild --help for the commands.");
}

/** A word that is no folder, and nearly a command. @throws usage */
function refuseTypingError({ args: [word = ""] }: CommandLine): void {
  const near = /^[a-z]+$/i.test(word) && !existsSync(word) ? suggest(word, firstWords()) : undefined;
  if (near === undefined) return;
  throw usageError(`"${word}" is neither a command nor a folder`, `Did you mean "tsbuild ${near}"?`);
}

/** Words that are all for `build`, because they begin with a flag or with no command, may have been meant for another one. */
function laterCommand(command: Command, words: readonly string[]): string[] {
  if (command.name !== DEFAULT_COMMAND || words[0] === undefined) return [];
  if (!words[0].startsWith("-")) {
    if (insteadOfCommand(words[0]) !== undefined) return [];
    const near = suggest(words[0], firstWords());
    return near === undefined ? [] : [`hint: Did you mean "tsbuild ${near}"?`];
  }
  const meant = words.find((word) => findCommand(word) !== undefined);
  return meant === undefined ? [] : [`hint: Write the command first: "tsbuild ${meant} …".`];
}

function report(error: unknown, command: Command, words: readonly string[], { stderr, signal }: Io): number {
  if (signal.aborted) {
    stderr.write("ERROR: interrupted\n");
    return ExitCode.failed;
  }
  const { head, details } = describeError(error, { debug: words.includes("--debug") || words.includes("-D") });
  const code = exitCodeOf(error);
  const more =
    code === ExitCode.usage ? [...laterCommand(command, words), `See "tsbuild ${command.name} --help".`] : [];
  stderr.write([...new Set([head, ...details, ...more]), ""].join("\n"));
  return code;
}
