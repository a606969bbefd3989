// The commands that look at the input of a build.

import type { Command } from "../command.js";
import { FORMAT_JSON, FORMAT_TEXT } from "../flags/command-flags.js";
import { DEBUG, HELP } from "../flags/shared-flags.js";

export const FILES: readonly Command[] = [
  {
    name: "parse",
    summary: "print the syntax tree of a Dockerfile",
    usage: "parse [--format=json] FILE | -",
    flags: { flags: [FORMAT_JSON, DEBUG, HELP], refused: [] },
    args: [1, 1],
    load: async () => (await import("../commands/parse.js")).runParse,
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
      ["tsbuild context", "what a build of this folder would read, by folder"],
      ["tsbuild context --why dist/app.js", "whether the file is sent, and which line says so"],
    ],
    load: async () => (await import("../commands/context.js")).runContext,
  },
];
