// The flags of `du` and `prune`, as docker buildx has them.
// https://docs.docker.com/reference/cli/docker/buildx/prune/

import { FORMAT_LIST, FORMAT_TEXT, storeFlags } from "./command-flags.js";
import type { Flag, FlagTable } from "./flag.js";

const FILTER: Flag = {
  name: "filter",
  kind: "list",
  value: "NAME=VALUE",
  help: "only what matches: until=24h, type=exec.cachemount, id=3f1c…",
  details: [
    "May be repeated; all must match. `until` and `unused-for` take a duration or a time: what was not used since then.",
    "`type` is regular, exec.cachemount, source.git.checkout, source.http or internal; `kind` is finer: layer, unpacked, pulled, mount, source, download, loose, internal. BuildKit's types `source.local` and `frontend` match nothing.",
    "`inuse`, `shared`, `private`, `mutable` and `immutable` are true or false. `id` and `description` are texts. Operators are `=`, `!=`, and `~=` for regular expressions.",
  ].join(" "),
};

export const CACHE_FLAGS: FlagTable = storeFlags(
  { name: "dry-run", kind: "bool", help: "only tell what is wrong, and drop nothing" },
  FORMAT_TEXT,
);

export const DU_FLAGS: FlagTable = storeFlags(
  FILTER,
  { name: "verbose", short: "v", kind: "bool", help: "list everything that can be removed by itself" },
  FORMAT_LIST,
);

const SIZES: readonly Flag[] = [
  {
    name: "max-used-space",
    kind: "string",
    value: "BYTES",
    help: "cache that may stay, such as 20g; what is worth least goes",
    details: "What takes long to have again for its size, and was used lately, is worth most.",
  },
  { name: "reserved-space", kind: "string", value: "BYTES", help: "cache that always may stay" },
  { name: "keep-storage", kind: "string", value: "BYTES", help: "the older name of --reserved-space" },
  { name: "min-free-space", kind: "string", value: "BYTES", help: "what the disk shall have free" },
];

export const PRUNE_FLAGS: FlagTable = storeFlags(
  { name: "all", short: "a", kind: "bool", help: "also records and logs of builds, and indexes of layers" },
  FILTER,
  ...SIZES,
  {
    name: "force",
    short: "f",
    kind: "bool",
    help: "do not ask",
    details: "Without it, what would go is told, and goes when the input says y or yes; else the exit code is 1.",
  },
  { name: "dry-run", kind: "bool", help: "only tell what would go" },
  { name: "verbose", short: "v", kind: "bool", help: "list what goes" },
  FORMAT_LIST,
);
