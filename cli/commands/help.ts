// `tsbuild help [COMMAND | --FLAG]`

import type { Call } from "../command.js";
import { COMMANDS, commandsOfGroup, DEFAULT_COMMAND, findCommand } from "../commands.js";
import { ExitCode } from "../exit-code.js";
import { usageError } from "../flags/usage-error.js";
import { allFlags, flagHelp, fullHelp, groupHelp } from "../help.js";
import type { Io } from "../io.js";
import { suggest } from "../../internal.js";

/** @throws usage */
export async function runHelp({ args }: Call, { stdout }: Io): Promise<number> {
  const topic = args.length > 0 ? args.join(" ") : DEFAULT_COMMAND;
  stdout.write(topic.startsWith("-") ? flagTopic(topic) : commandTopic(topic));
  return ExitCode.success;
}

function commandTopic(topic: string): string {
  if (topic === "flags") return allFlags(findCommand(DEFAULT_COMMAND)!);
  const command = findCommand(topic);
  if (command) return fullHelp(command);
  if (commandsOfGroup(topic).length > 0) return groupHelp(topic);
  const names = COMMANDS.map(({ name }) => name);
  const near = suggest(topic, names);
  throw usageError(
    `no command is named "${topic}"`,
    near === undefined ? `Choose one of ${names.join(", ")}.` : `Did you mean "${near}"?`,
  );
}

function flagTopic(topic: string): string {
  const name = topic.replace(/^--?/, "");
  const texts = COMMANDS.flatMap((command) => flagHelp(command, name));
  if (texts.length > 0) return texts.join("\n");
  const near = suggest(
    name,
    COMMANDS.flatMap(({ flags }) => flags.flags.map((flag) => flag.name)),
  );
  throw usageError(
    `no flag is named ${topic}`,
    near === undefined ? 'Run "tsbuild help flags" for those of a build.' : `Did you mean "--${near}"?`,
  );
}
