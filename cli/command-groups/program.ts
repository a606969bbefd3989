// The commands about tsbuild itself.

import type { Command } from "../command.js";
import { storeFlags } from "../flags/command-flags.js";
import { HELP } from "../flags/shared-flags.js";

export const PROGRAM: readonly Command[] = [
  {
    name: "doctor",
    summary: "tell what this machine gives to steps, and what would give more",
    usage: "doctor",
    flags: storeFlags(),
    args: [0, 0],
    load: async () => (await import("../commands/doctor.js")).runDoctor,
  },
  {
    name: "completion",
    summary: "print the completion script of a shell",
    usage: "completion bash|zsh|fish",
    flags: { flags: [HELP], refused: [] },
    args: [1, 1],
    load: async () => (await import("../commands/completion.js")).runCompletion,
  },
  {
    name: "help",
    summary: "explain a command or a flag",
    usage: "help [COMMAND | --FLAG]",
    flags: { flags: [HELP], refused: [] },
    args: [0, 2],
    verbatim: true,
    load: async () => (await import("../commands/help.js")).runHelp,
  },
  {
    name: "version",
    summary: "print the version",
    usage: "version",
    flags: { flags: [HELP], refused: [] },
    args: [0, 0],
    load: async () => (await import("../commands/version.js")).runVersion,
  },
];
