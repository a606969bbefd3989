// The commands that move images.

import type { Command } from "../command.js";
import { PLATFORM, storeFlags } from "../flags/command-flags.js";
import { INSECURE_REGISTRY, QUIET } from "../flags/shared-flags.js";

export const REGISTRIES: readonly Command[] = [
  {
    name: "push",
    summary: "push an image of the store to its registry",
    usage: "push [OPTIONS] NAME[:TAG]",
    flags: storeFlags(QUIET, INSECURE_REGISTRY),
    args: [1, 1],
    load: async () => (await import("../commands/transfer.js")).runPush,
  },
  {
    name: "pull",
    summary: "pull an image into the store",
    usage: "pull [OPTIONS] NAME[:TAG|@DIGEST]",
    flags: storeFlags(PLATFORM, QUIET, INSECURE_REGISTRY),
    args: [1, 1],
    load: async () => (await import("../commands/transfer.js")).runPull,
  },
];
