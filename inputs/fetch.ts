// Brings remote sources into the store, or finds that they are there as they are now.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stagedName, type Store } from "../cache/index.js";
import { removeTree } from "../filesystem/index.js";
import type { Network, ReadSecret } from "../remote/index.js";

export interface FetchOptions {
  readonly store: Store;
  /** Called only when something has to be downloaded. */
  readonly network: () => Promise<Network>;
  readonly secrets: {
    readonly value: ReadSecret;
    readonly agent: (id: string) => readonly string[] | undefined;
  };
  readonly signal?: AbortSignal;
}

export interface FetchProgress {
  readonly onProgress?: (current: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
}

/** Runs `work` with an empty directory that is removed afterwards. */
export async function inScratch<Value>(
  store: Store,
  name: string,
  work: (directory: string) => Promise<Value>,
): Promise<Value> {
  const directory = stagedName(join(store.scratch(), name));
  mkdirSync(directory, { mode: 0o700 });
  try {
    return await work(directory);
  } finally {
    removeTree(directory);
  }
}

/** A directory that lives as long as the build. */
export function emptyDirectory(store: Store, name: string): string {
  const directory = stagedName(join(store.scratch(), name));
  mkdirSync(directory);
  return directory;
}
