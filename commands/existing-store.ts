// The store of commands that make none: whoever mistypes its place shall find nothing there, and leave nothing.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Store } from "../cache/index.js";
import { defaultHome } from "../inputs/index.js";

/** Whether there is a store. @param home @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
export function hasStore(home = defaultHome()): boolean {
  return Store.isAt(home);
}

export interface OpenedStore {
  readonly store: Store;
  readonly close: () => void;
}

/** Where there is no store, an empty one stands in for it. */
export function openExisting(home = defaultHome()): OpenedStore {
  if (!Store.isAt(home)) return openEmpty();
  const store = Store.openAt(home);
  return { store, close: () => store.close() };
}

function openEmpty(): OpenedStore {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-empty-"));
  const store = Store.openAt(directory);
  return {
    store,
    close() {
      store.close();
      rmSync(directory, { recursive: true });
    },
  };
}
