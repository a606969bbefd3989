// The flags of `build` that limit what the cache keeps, and what of it is used.

import type { BuildOptions } from "../../index.js";
import type { Flag } from "./flag.js";
import type { FlagValues } from "./flag-values.js";
import { parseAge, parseBytes } from "./quantities.js";

export const CACHE_LIMIT_FLAGS: readonly Flag[] = [
  {
    name: "cache-max",
    kind: "string",
    value: "BYTES",
    env: ["TSBUILD_CACHE_MAX"],
    help: "the space that the cache may take, such as 20g",
    details:
      'Counted in blocks on the disk, while steps are made and at the end. What is worth least goes first: what was made quickly for its size, and was not used for long. Images that have a name stay, and what a running build needs; when the build has ended, what it has used itself may go as well. Without it the policies of `gc.json` in the store hold, which is BuildKit\'s list: `{"policies":[{"filter":["type==exec.cachemount"],"keepDuration":"48h","maxUsedSpace":"5GB"},{"all":true,"maxUsedSpace":"20GB","reservedSpace":"2GB","minFreeSpace":"10GB"}]}`.',
  },
  {
    name: "cache-ttl",
    kind: "string",
    value: "DURATION",
    help: "run steps again whose result is older, such as 24h or 30d",
    details: "Of any length, in `ms`, `s`, `m`, `h` and `d`. With `0` no result is young enough.",
  },
];

/** @throws usage */
export function cacheLimits(flags: FlagValues): Pick<BuildOptions, "cacheMax" | "cacheTtl"> {
  const [max, ttl] = [flags.text("cache-max"), flags.text("cache-ttl")];
  return {
    ...(max !== undefined && { cacheMax: parseBytes(max, "--cache-max") }),
    ...(ttl !== undefined && { cacheTtl: parseAge(ttl, "--cache-ttl") }),
  };
}
