// The commands that build, and look into steps.

import type { Command } from "../command.js";
import { BUILD_FLAGS } from "../flags/build-flags.js";
import { storeFlags } from "../flags/command-flags.js";
import { LOCK_FLAGS } from "../flags/lock-flags.js";
import { OCI_RUNTIME, SNAPSHOTTER } from "../flags/shared-flags.js";
import { AGAIN, SHELL_FLAGS } from "../flags/shell-flags.js";

export const BUILDING: readonly Command[] = [
  {
    name: "build",
    summary: "build an image from a Dockerfile",
    usage: "[build] [OPTIONS] PATH | URL | -",
    flags: BUILD_FLAGS,
    args: [1, 1],
    examples: [
      ["tsbuild -t app:1 .", "build ./Dockerfile, keep the image as app:1"],
      ["tsbuild -t reg.example/app:1 --push .", "build, then push"],
      ["tsbuild -o type=docker,dest=- . | docker load", "build, then hand over to Docker"],
    ],
    needsNamespace: true,
    load: async () => (await import("../commands/build.js")).runBuild,
  },
  {
    name: "lock",
    summary: "pin what a Dockerfile takes from elsewhere, for build --locked",
    usage: "lock [OPTIONS] PATH | URL | -",
    flags: LOCK_FLAGS,
    args: [1, 1],
    examples: [
      ["tsbuild lock .", "write Dockerfile.lock: digests of images, checksums of files, commits"],
      ["tsbuild --locked -t app:1 .", "build with these, and with nothing else"],
      ["tsbuild lock --check .", "tell what is new; exit with 1 when something is"],
    ],
    load: async () => (await import("../commands/lock.js")).runLock,
  },
  {
    name: "shell",
    summary: "open a shell at a step of a Dockerfile",
    usage: "shell [OPTIONS] [--step N] PATH [COMMAND] [ARG...]",
    flags: SHELL_FLAGS,
    args: [1, Infinity],
    interspersed: false,
    needsNamespace: true,
    load: async () => (await import("../commands/shell.js")).runShell,
  },
  {
    name: "replay",
    summary: "open a shell in a failed step that was saved",
    usage: "replay [OPTIONS] FILE [COMMAND] [ARG...]",
    flags: storeFlags(AGAIN, OCI_RUNTIME, SNAPSHOTTER),
    args: [1, Infinity],
    interspersed: false,
    needsNamespace: true,
    load: async () => (await import("../commands/shell.js")).runReplay,
  },
];
