// The commands on the space that the store takes.

import type { Command } from "../command.js";
import { CACHE_FLAGS, DU_FLAGS, PRUNE_FLAGS } from "../flags/space-flags.js";

export const SPACE: readonly Command[] = [
  {
    name: "cache verify",
    summary: "check the whole store, and drop what is damaged",
    usage: "cache verify [OPTIONS]",
    flags: CACHE_FLAGS,
    args: [0, 0],
    expectsStore: true,
    examples: [["tsbuild cache verify", "hash everything again; exit code 1 when something was wrong"]],
    needsNamespace: true,
    load: async () => (await import("../commands/cache.js")).runVerify,
  },
  {
    name: "du",
    summary: "tell what takes the space of the store",
    usage: "du [OPTIONS]",
    flags: DU_FLAGS,
    args: [0, 0],
    expectsStore: true,
    load: async () => (await import("../commands/space.js")).runDu,
  },
  {
    name: "prune",
    summary: "remove cache that no image and no running build needs",
    usage: "prune [OPTIONS]",
    flags: PRUNE_FLAGS,
    args: [0, 0],
    expectsStore: true,
    examples: [
      ["tsbuild prune", "all of it; images stay"],
      ["tsbuild prune -f --max-used-space 20g", "what is worth least, to 20 GB"],
      ["tsbuild prune --filter kind=mount --filter until=7d", "cache mounts unused for a week"],
    ],
    needsNamespace: true,
    load: async () => (await import("../commands/space.js")).runPrune,
  },
];
