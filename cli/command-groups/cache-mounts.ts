// The commands on cache mounts.

import type { Command } from "../command.js";
import { EXPORT_FLAGS, IMPORT_FLAGS, LS_FLAGS, MOUNTS_DU_FLAGS, RM_FLAGS } from "../flags/cache-mounts-flags.js";

const load = async () => import("../commands/cache-mounts.js");

export const CACHE_MOUNTS: readonly Command[] = [
  {
    name: "cache mounts ls",
    summary: "list the cache mounts of the store, or those kept elsewhere",
    usage: "cache mounts ls [OPTIONS]",
    flags: LS_FLAGS,
    args: [0, 0],
    expectsStore: true,
    load: async () => (await load()).runList,
  },
  {
    name: "cache mounts du",
    summary: "tell how large the cache mounts are",
    usage: "cache mounts du [OPTIONS]",
    flags: MOUNTS_DU_FLAGS,
    args: [0, 0],
    expectsStore: true,
    load: async () => (await load()).runDu,
  },
  {
    name: "cache mounts export",
    summary: "keep cache mounts in a registry or a folder",
    usage: "cache mounts export --to SPEC [ID...]",
    flags: EXPORT_FLAGS,
    args: [0, Infinity],
    expectsStore: true,
    examples: [["tsbuild cache mounts export --to reg.example/app:mounts npm", "only what is new travels"]],
    needsNamespace: true,
    load: async () => (await load()).runExport,
  },
  {
    name: "cache mounts import",
    summary: "bring cache mounts into the store",
    usage: "cache mounts import --from SPEC [ID...]",
    flags: IMPORT_FLAGS,
    args: [0, Infinity],
    needsNamespace: true,
    load: async () => (await load()).runImport,
  },
  {
    name: "cache mounts rm",
    summary: "remove cache mounts from the store",
    usage: "cache mounts rm [OPTIONS] [ID...]",
    flags: RM_FLAGS,
    args: [0, Infinity],
    expectsStore: true,
    needsNamespace: true,
    load: async () => (await load()).runRemove,
  },
];
