// All commands, in the order in which the help lists them.

import type { Command } from "./command.js";
import { BUILD_FLAGS } from "./flags/build-flags.js";
import type { Flag, FlagTable } from "./flags/flag.js";
import { DEBUG, HELP, HOME, INSECURE_REGISTRY, OCI_RUNTIME, QUIET } from "./flags/shared-flags.js";
import { AGAIN, SHELL_FLAGS } from "./flags/shell-flags.js";
import { RUN_FLAGS } from "./flags/run-flags.js";

const PROGRAM = "tsbuild";
export const DEFAULT_COMMAND = "build";

const FORMAT_JSON: Flag = { name: "format", kind: "string", value: "FORMAT", choices: ["json"], help: "json" };
const FORMAT_LIST: Flag = { ...FORMAT_JSON, choices: ["table", "json"], help: "table or json" };
const FORMAT_TEXT: Flag = { ...FORMAT_JSON, choices: ["text", "json"], help: "text or json" };
const PLATFORM: Flag = {
  name: "platform",
  kind: "string",
  value: "OS/ARCH",
  env: ["DOCKER_DEFAULT_PLATFORM"],
  help: "the platform of the image (default: this machine's)",
};

export const COMMANDS: readonly Command[] = [
  {
    name: "build",
    summary: "build an image from a Dockerfile",
    usage: "[build] [OPTIONS] PATH | URL | -",
    flags: BUILD_FLAGS,
    args: [1, 1],
    examples: [
      [`${PROGRAM} -t app:1 .`, "build ./Dockerfile, keep the image as app:1"],
      [`${PROGRAM} -t reg.example/app:1 --push .`, "build, then push"],
      [`${PROGRAM} -o type=docker,dest=- . | docker load`, "build, then hand over to Docker"],
    ],
    needsNamespace: true,
    load: async () => (await import("./commands/build.js")).runBuild,
  },
  {
    name: "shell",
    summary: "open a shell at a step of a Dockerfile",
    usage: "shell [OPTIONS] [--step N] PATH [COMMAND] [ARG...]",
    flags: SHELL_FLAGS,
    args: [1, Infinity],
    interspersed: false,
    needsNamespace: true,
    load: async () => (await import("./commands/shell.js")).runShell,
  },
  {
    name: "replay",
    summary: "open a shell in a failed step that was saved",
    usage: "replay [OPTIONS] FILE [COMMAND] [ARG...]",
    flags: table(AGAIN, OCI_RUNTIME),
    args: [1, Infinity],
    interspersed: false,
    needsNamespace: true,
    load: async () => (await import("./commands/shell.js")).runReplay,
  },
  {
    name: "doctor",
    summary: "tell what this machine gives to steps, and what would give more",
    usage: "doctor",
    flags: table(),
    args: [0, 0],
    needsNamespace: true,
    load: async () => (await import("./commands/doctor.js")).runDoctor,
  },
  {
    name: "run",
    summary: "run an image in the sandbox",
    usage: "run [OPTIONS] IMAGE [COMMAND] [ARG...]",
    flags: RUN_FLAGS,
    args: [1, Infinity],
    interspersed: false,
    needsNamespace: true,
    load: async () => (await import("./commands/run.js")).runRun,
  },
  {
    name: "push",
    summary: "push an image of the store to its registry",
    usage: "push [OPTIONS] NAME[:TAG]",
    flags: table(QUIET, INSECURE_REGISTRY),
    args: [1, 1],
    load: async () => (await import("./commands/transfer.js")).runPush,
  },
  {
    name: "pull",
    summary: "pull an image into the store",
    usage: "pull [OPTIONS] NAME[:TAG|@DIGEST]",
    flags: table(PLATFORM, QUIET, INSECURE_REGISTRY),
    args: [1, 1],
    load: async () => (await import("./commands/transfer.js")).runPull,
  },
  {
    name: "images",
    summary: "list the images of the store",
    usage: "images [OPTIONS]",
    flags: table(QUIET, FORMAT_LIST),
    args: [0, 0],
    load: async () => (await import("./commands/images.js")).runImages,
  },
  {
    name: "tag",
    summary: "give an image of the store another name",
    usage: "tag SOURCE[:TAG] TARGET[:TAG]",
    flags: table(),
    args: [2, 2],
    load: async () => (await import("./commands/images.js")).runTag,
  },
  {
    name: "rmi",
    summary: "take names of images from the store",
    usage: "rmi NAME[:TAG]...",
    flags: table(),
    args: [1, Infinity],
    load: async () => (await import("./commands/images.js")).runRmi,
  },
  {
    name: "inspect",
    summary: "print an image's manifest and config as JSON",
    usage: "inspect NAME[:TAG]",
    flags: table(),
    args: [1, 1],
    load: async () => (await import("./commands/images.js")).runInspect,
  },
  {
    name: "parse",
    summary: "print the syntax tree of a Dockerfile",
    usage: "parse [--format=json] FILE | -",
    flags: { flags: [FORMAT_JSON, DEBUG, HELP], refused: [] },
    args: [1, 1],
    load: async () => (await import("./commands/parse.js")).runParse,
  },
  {
    name: "context",
    summary: "list what a build reads of a folder, and why",
    usage: "context [OPTIONS] [DIR]",
    flags: {
      flags: [
        {
          name: "why",
          kind: "string",
          value: "PATH",
          help: "name the line of the ignore file that decides about PATH",
        },
        {
          name: "file",
          short: "f",
          kind: "string",
          value: "FILE",
          help: "the Dockerfile, whose FILE.dockerignore comes first",
        },
        FORMAT_TEXT,
        DEBUG,
        HELP,
      ],
      refused: [],
    },
    args: [0, 1],
    examples: [
      [`${PROGRAM} context`, "what a build of this folder would read, by folder"],
      [`${PROGRAM} context --why dist/app.js`, "whether the file is sent, and which line says so"],
    ],
    load: async () => (await import("./commands/context.js")).runContext,
  },
  {
    name: "completion",
    summary: "print the completion script of a shell",
    usage: "completion bash|zsh|fish",
    flags: { flags: [HELP], refused: [] },
    args: [1, 1],
    load: async () => (await import("./commands/completion.js")).runCompletion,
  },
  {
    name: "help",
    summary: "explain a command or a flag",
    usage: "help [COMMAND | --FLAG]",
    flags: { flags: [HELP], refused: [] },
    args: [0, 1],
    verbatim: true,
    load: async () => (await import("./commands/help.js")).runHelp,
  },
  {
    name: "version",
    summary: "print the version",
    usage: "version",
    flags: { flags: [HELP], refused: [] },
    args: [0, 0],
    load: async () => (await import("./commands/version.js")).runVersion,
  },
];

export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/** A command on the store: it has the flags of all of them. */
function table(...flags: readonly Flag[]): FlagTable {
  return { flags: [...flags, HOME, DEBUG, HELP], refused: [] };
}
