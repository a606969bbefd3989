// docs/cli.md, made from the tables of commands and flags. A test keeps the file up to date: `npx vitest run test/cli -u`.

import type { Command } from "./command.js";
import { COMMANDS, DEFAULT_COMMAND, findCommand } from "./commands.js";
import type { Flag, RefusedFlag } from "./flags/flag.js";
import { reasonOf } from "./flags/parse.js";

export function cliReference(): string {
  return [HEAD, ...COMMANDS.map(commandSection), refusedSection(), TAIL].join("\n\n").concat("\n");
}

const HEAD = `# The command line

This page is made from the tables in \`cli/\`; \`npx vitest run test/cli -u\` writes it anew.

Flags follow the rules of docker: \`--flag value\`, \`--flag=value\`, \`-f value\`, \`-fvalue\`, several short switches in one word (\`-qt app:1\`),
switches with a value (\`--push=false\`), flags before and after arguments, and \`--\` to end them. The first word names the command;
when it is not a command, the command is \`build\`. A folder that is called like a command is written with a path: \`tsbuild ./run\`.

The build context is a folder; the URL of a git repository (\`https://host/x.git#ref:folder\`), of an archive or of a Dockerfile; or \`-\`, an
archive or a Dockerfile on stdin. .dockerignore applies to folders of this machine.

Progress, notes, warnings and errors go to stderr. Stdout has results only: the image ID of \`-q\`, an archive of \`dest=-\`, what \`images\`,
\`inspect\`, \`history\`, \`diff\`, \`parse\`, \`context\`, \`--check\` and \`--call\` print, an archive of \`save\`, a page of \`report\`, the digest of \`push\`
and \`pull\`, the output of \`run\`.`;

const TAIL = `## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | the build, or the command, failed; \`--check\` found something |
| 102 | no space: the disk or a quota is full |
| 125 | the command line is wrong, or tsbuild cannot start here |
| 129, 130, 143 | ended by SIGHUP, SIGINT (Ctrl-C) or SIGTERM; finished steps are cached. A second SIGINT ends at once |

\`tsbuild run\` returns the exit code of the command in the image: 127 when there is no such command, 126 when it cannot be executed, 128 and the signal's number when a signal ended it.

## Environment

| variable | effect |
|---|---|
| \`TSBUILD_HOME\` | the store, as \`--home\` |
| \`TSBUILD_PROGRESS\`, \`BUILDKIT_PROGRESS\` | as \`--progress\` |
| \`BUILDX_METADATA_WARNINGS\` | 1 adds \`buildx.build.warnings\` to the file of \`--metadata-file\` |
| \`DOCKER_DEFAULT_PLATFORM\` | as \`--platform\` |
| \`SOURCE_DATE_EPOCH\` | seconds since 1970 that new files, layers and history carry |
| \`NO_COLOR\`, \`FORCE_COLOR\`, \`CLICOLOR\`, \`CLICOLOR_FORCE\` | whether there are colours; by default on a terminal only |
| \`BUILDKIT_COLORS\` | the colours: \`run=green:cancel=yellow:error=255,0,0:warning=cyan\` |
| \`BUILDKIT_TTY_LOG_LINES\` | lines of output below a running step in the live view (6) |
| \`PROGRESS_NO_TRUNC\` | 0 cuts the names of steps to 72 characters in \`plain\` |
| \`CI\`, \`TERM=dumb\` | \`--progress=auto\` then is plain on a terminal too |
| \`NODE_EXTRA_CA_CERTS\` | further certificates to trust, read when a registry is spoken to |`;

function commandSection(command: Command): string {
  const { name, summary, usage, flags, examples = [] } = command;
  return [
    `## tsbuild ${name}`,
    sentence(summary),
    fence([`tsbuild ${usage}`]),
    table(["flag", "meaning"], flags.flags.map(flagRow)),
    ...(examples.length > 0 ? [fence(examples.map(([line, effect]) => `${line}   # ${effect}`))] : []),
  ].join("\n\n");
}

function flagRow({ name, short, value, help, details, env }: Flag): string[] {
  const spelling = `${short === undefined ? "" : `\`-${short}\`, `}\`--${name}${value === undefined ? "" : ` ${value}`}\``;
  const texts = [
    sentence(help),
    details,
    env && `Environment: ${env.map((variable) => `\`${variable}\``).join(", ")}.`,
  ];
  return [spelling, texts.filter((text) => text !== undefined).join(" ")];
}

function refusedSection(): string {
  const sections = COMMANDS.filter(({ flags }) => flags.refused.length > 0).map(({ name, flags }) =>
    [
      `### Of tsbuild ${name}`,
      isPartOfBuild(name, flags.refused) ? othersOf(flags.refused) : refusals(flags.refused),
    ].join("\n\n"),
  );
  const intro =
    "Flags that tsbuild knows and refuses (exit code 125), rather than take them without effect: those of docker, and those of a build where a command does only a part of it.";
  return ["## Flags that are refused", intro, ...sections].join("\n\n");
}

/** The flags of docker, which a build refuses. */
const OF_DOCKER = findCommand(DEFAULT_COMMAND)!.flags.refused;

function isPartOfBuild(name: string, refused: readonly RefusedFlag[]): boolean {
  return name !== DEFAULT_COMMAND && OF_DOCKER.every((flag) => refused.includes(flag));
}

function othersOf(refused: readonly RefusedFlag[]): string {
  const others = refused.filter((flag) => !OF_DOCKER.includes(flag));
  const names = others.map(({ name }) => `\`--${name}\``).join(", ");
  return `Those of \`tsbuild ${DEFAULT_COMMAND}\`, and each flag of it that ${reasonOf(others[0]!)}: ${names}.`;
}

function refusals(refused: readonly RefusedFlag[]): string {
  return table(["flag", "instead"], refused.map(refusedRow));
}

function refusedRow({ name, instead, harmless = [] }: RefusedFlag): string[] {
  const accepted = harmless.map((value) => `\`=${value}\``).join(", ");
  return [`\`--${name}\``, accepted === "" ? instead : `${instead} (${accepted} is accepted: it is the default.)`];
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

function fence(lines: readonly string[]): string {
  return ["```", ...lines, "```"].join("\n");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
