// The commands on images of the store.

import type { Command } from "../command.js";
import { FORMAT_LIST, storeFlags } from "../flags/command-flags.js";
import { RUN_FLAGS } from "../flags/run-flags.js";
import { QUIET } from "../flags/shared-flags.js";

export const IMAGES: readonly Command[] = [
  {
    name: "images",
    summary: "list the images of the store",
    usage: "images [OPTIONS]",
    flags: storeFlags(QUIET, FORMAT_LIST),
    args: [0, 0],
    load: async () => (await import("../commands/images.js")).runImages,
  },
  {
    name: "tag",
    summary: "give an image of the store another name",
    usage: "tag SOURCE[:TAG] TARGET[:TAG]",
    flags: storeFlags(),
    args: [2, 2],
    load: async () => (await import("../commands/images.js")).runTag,
  },
  {
    name: "rmi",
    summary: "take names of images from the store",
    usage: "rmi NAME[:TAG]...",
    flags: storeFlags(),
    args: [1, Infinity],
    load: async () => (await import("../commands/images.js")).runRmi,
  },
  {
    name: "inspect",
    summary: "print an image's manifest and config as JSON",
    usage: "inspect NAME[:TAG]",
    flags: storeFlags(),
    args: [1, 1],
    load: async () => (await import("../commands/images.js")).runInspect,
  },
  {
    name: "run",
    summary: "run an image in the sandbox",
    usage: "run [OPTIONS] IMAGE [COMMAND] [ARG...]",
    flags: RUN_FLAGS,
    args: [1, Infinity],
    interspersed: false,
    needsNamespace: true,
    load: async () => (await import("../commands/run.js")).runRun,
  },
];
