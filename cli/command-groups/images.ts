// The commands on images of the store.

import type { Command } from "../command.js";
import { FORMAT_TEXT, storeFlags } from "../flags/command-flags.js";
import * as image from "../flags/image-flags.js";
import { CREDS, REGISTRY_FLAGS } from "../flags/registry-flags.js";
import { RUN_FLAGS } from "../flags/run-flags.js";

/** For images that are looked into where they are. */
const REMOTE = [CREDS, ...REGISTRY_FLAGS];

export const IMAGES: readonly Command[] = [
  {
    name: "images",
    summary: "list the images of the store",
    usage: "images [OPTIONS] [REPOSITORY[:TAG]]",
    flags: storeFlags(
      image.ALL_IMAGES,
      image.DIGESTS,
      image.FILTER_IMAGES,
      image.FORMAT_ROWS,
      image.JSON_IMAGES,
      image.NO_HEADING,
      image.NO_TRUNC,
      image.ONLY_IDS,
    ),
    args: [0, 1],
    expectsStore: true,
    examples: [
      ["tsbuild images --filter label=tier=web", "images with that label"],
      ["tsbuild images --format '{{.Repository}}:{{.Tag}}'", "names only"],
    ],
    load: async () => (await import("../commands/images.js")).runImages,
  },
  {
    name: "tag",
    summary: "give an image of the store another name",
    usage: "tag IMAGE NAME[:TAG]",
    flags: storeFlags(),
    args: [2, 2],
    expectsStore: true,
    load: async () => (await import("../commands/images.js")).runTag,
  },
  {
    name: "rmi",
    summary: "take names of images from the store",
    usage: "rmi [OPTIONS] IMAGE... | --all | --prune",
    flags: storeFlags(image.FORCE_REMOVE, image.NO_PRUNE, image.REMOVE_ALL, image.REMOVE_UNNAMED),
    args: [0, Infinity],
    expectsStore: true,
    load: async () => (await import("../commands/images.js")).runRmi,
  },
  {
    name: "inspect",
    summary: "print what images are made of, as docker does",
    usage: "inspect [OPTIONS] IMAGE...",
    flags: storeFlags(image.FORMAT_VALUE, image.IMAGE_PLATFORM, image.RAW, image.SIZE, image.TYPE, ...REMOTE),
    args: [1, Infinity],
    expectsStore: true,
    examples: [
      ["tsbuild inspect --format '{{json .Config.Env}}' app:1", "the variables"],
      ["tsbuild inspect --raw app:1", "the manifest as it is stored"],
      ["tsbuild inspect docker://reg.example/app:1 oci-archive:app.tar", "elsewhere"],
    ],
    load: async () => (await import("../commands/inspect.js")).runInspect,
  },
  {
    name: "history",
    summary: "tell which instruction made each layer of an image",
    usage: "history [OPTIONS] IMAGE",
    flags: storeFlags(image.FORMAT_ROWS, image.HUMAN, image.NO_TRUNC, image.IMAGE_PLATFORM, image.ONLY_IDS, ...REMOTE),
    args: [1, 1],
    expectsStore: true,
    load: async () => (await import("../commands/inspect.js")).runHistory,
  },
  {
    name: "diff",
    summary: "tell how two images differ, in files and config",
    usage: "diff [OPTIONS] IMAGE IMAGE",
    examples: [["tsbuild diff docker://reg.example/app:1 app:1", "what a push would change"]],
    flags: storeFlags(image.DIFF_EXIT_CODE, FORMAT_TEXT, image.IMAGE_PLATFORM, ...REMOTE),
    args: [2, 2],
    expectsStore: true,
    load: async () => (await import("../commands/inspect.js")).runDiff,
  },
  {
    name: "report",
    summary: "write a page about layers, wasted bytes, files and packages of an image",
    usage: "report [OPTIONS] IMAGE",
    flags: storeFlags(image.AGAINST, image.REPORT_OUTPUT, image.IMAGE_PLATFORM),
    args: [1, 1],
    expectsStore: true,
    examples: [["tsbuild report -o app.html --against app:1 app:2", "app:2, and what is new in it"]],
    load: async () => (await import("../commands/report.js")).runReport,
  },
  {
    name: "save",
    summary: "write images into an archive",
    usage: "save [OPTIONS] IMAGE...",
    flags: {
      ...storeFlags(image.SAVE_FORMAT, image.SAVE_OUTPUT, image.MANY_IMAGES, image.IMAGE_PLATFORM),
      refused: image.REFUSED_SAVE_FLAGS,
    },
    args: [1, Infinity],
    expectsStore: true,
    examples: [
      ["tsbuild save app:1 app:2 | docker load", "hand over to Docker"],
      ["tsbuild save --format=oci -o app.tar app:1", "an OCI image layout"],
    ],
    load: async () => (await import("../commands/archives.js")).runSave,
  },
  {
    name: "load",
    summary: "take the images of an archive into the store",
    usage: "load [OPTIONS]",
    flags: {
      ...storeFlags(image.LOAD_INPUT, image.LOAD_QUIET, image.LOAD_PLATFORM),
      refused: image.REFUSED_LOAD_FLAGS,
    },
    args: [0, 0],
    load: async () => (await import("../commands/archives.js")).runLoad,
  },
  {
    name: "run",
    summary: "run an image in the sandbox",
    usage: "run [OPTIONS] IMAGE [COMMAND] [ARG...]",
    flags: RUN_FLAGS,
    args: [1, Infinity],
    expectsStore: true,
    interspersed: false,
    needsNamespace: true,
    load: async () => (await import("../commands/run.js")).runRun,
  },
];
