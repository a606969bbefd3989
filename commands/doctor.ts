// `tsbuild doctor`.

import { diagnose, type Finding } from "../executor/index.js";
import { Store } from "../cache/index.js";
import { defaultHome } from "../inputs/index.js";
import { MARK } from "./namespace.js";

export interface DoctorOptions {
  /** The store. @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
  readonly home?: string;
  /** Why `rerunInNamespace` failed, when it did. */
  readonly refused?: string;
}

/** Tries what steps need. @throws store_unwritable */
export async function examineMachine({ home = defaultHome(), refused }: DoctorOptions = {}): Promise<
  readonly Finding[]
> {
  const store = Store.openAt(home);
  try {
    return await diagnose({ directory: store.scratch(), inNamespace: process.env[MARK] !== undefined, refused });
  } finally {
    store.close();
  }
}
