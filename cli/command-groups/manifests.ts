// The commands on image indexes.

import type { Command } from "../command.js";
import { storeFlags } from "../flags/command-flags.js";
import * as manifest from "../flags/manifest-flags.js";
import { CREDS, REGISTRY_FLAGS } from "../flags/registry-flags.js";
import { QUIET } from "../flags/shared-flags.js";
import { DIGEST_FILE } from "../flags/transfer-flags.js";

export const MANIFESTS: readonly Command[] = [
  {
    name: "manifest create",
    summary: "join images of several platforms under one name",
    usage: "manifest create [OPTIONS] NAME [IMAGE...]",
    flags: storeFlags(manifest.AMEND, manifest.ALL_OF_SOURCES, manifest.INDEX_ANNOTATION, CREDS, ...REGISTRY_FLAGS),
    args: [1, Infinity],
    examples: [
      ["tsbuild manifest create r.example/a:1 r.example/a:1-amd64 r.example/a:1-arm64", "join two"],
      ["tsbuild manifest push r.example/a:1", "push all"],
    ],
    load: async () => (await import("../commands/manifest.js")).runManifestCreate,
  },
  {
    name: "manifest add",
    summary: "add an image to an index, in place of one for the same platform",
    usage: "manifest add [OPTIONS] NAME IMAGE",
    flags: {
      ...storeFlags(...manifest.ENTRY_FLAGS, manifest.ALL_OF_SOURCES, CREDS, ...REGISTRY_FLAGS),
      refused: manifest.REFUSED_ENTRY_FLAGS,
    },
    args: [2, 2],
    expectsStore: true,
    examples: [["tsbuild manifest add a:1 oci-archive:arm64.tar", "also of an archive or an image layout"]],
    load: async () => (await import("../commands/manifest.js")).runManifestAdd,
  },
  {
    name: "manifest annotate",
    summary: "change what an index says of an image, or of itself",
    usage: "manifest annotate [OPTIONS] NAME DIGEST|OS/ARCH|IMAGE | --index NAME",
    flags: {
      ...storeFlags(manifest.WHOLE_INDEX, ...manifest.ENTRY_FLAGS),
      refused: manifest.REFUSED_ENTRY_FLAGS,
    },
    args: [1, 2],
    expectsStore: true,
    load: async () => (await import("../commands/manifest.js")).runManifestAnnotate,
  },
  {
    name: "manifest remove",
    summary: "take an image out of an index",
    usage: "manifest remove NAME DIGEST|OS/ARCH|IMAGE",
    flags: storeFlags(),
    args: [2, 2],
    expectsStore: true,
    load: async () => (await import("../commands/manifest.js")).runManifestRemove,
  },
  {
    name: "manifest rm",
    summary: "take the names of indexes from the store",
    usage: "manifest rm NAME...",
    flags: storeFlags(),
    args: [1, Infinity],
    expectsStore: true,
    load: async () => (await import("../commands/manifest.js")).runManifestRm,
  },
  {
    name: "manifest exists",
    summary: "end with 0 when the store has an index of that name, else with 1",
    usage: "manifest exists NAME",
    flags: storeFlags(),
    args: [1, 1],
    expectsStore: true,
    load: async () => (await import("../commands/manifest.js")).runManifestExists,
  },
  {
    name: "manifest inspect",
    summary: "print an index, of the store or of a registry, as JSON",
    usage: "manifest inspect [OPTIONS] NAME",
    flags: { ...storeFlags(CREDS, ...REGISTRY_FLAGS), refused: manifest.REFUSED_INSPECT_FLAGS },
    args: [1, 1],
    load: async () => (await import("../commands/manifest.js")).runManifestInspect,
  },
  {
    name: "manifest push",
    summary: "push an index with all its images",
    usage: "manifest push [OPTIONS] NAME [DESTINATION]",
    flags: {
      ...storeFlags(manifest.ALL_OF_INDEX, manifest.REMOVE_AFTER, DIGEST_FILE, QUIET, CREDS, ...REGISTRY_FLAGS),
      refused: manifest.REFUSED_INDEX_FLAGS,
    },
    args: [1, 2],
    expectsStore: true,
    examples: [["tsbuild manifest push a:1 oci-archive:a.tar", "into an archive"]],
    load: async () => (await import("../commands/manifest.js")).runManifestPush,
  },
];
