// Chain IDs: one name for a stack of layers.
// https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid

import { type Digest, sha256 } from "./digest.js";

/** The chain ID of every prefix of `diffIDs` (bottom first); the last one names the whole stack. */
export function chainIDs(diffIDs: readonly Digest[]): Digest[] {
  const chain: Digest[] = [];
  for (const diffID of diffIDs) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffID : sha256(`${below} ${diffID}`));
  }
  return chain;
}
