// Opens the store for one command, and closes it after.

import { Store } from "../cache/index.js";
import { defaultHome } from "../inputs/index.js";
import { openPlaces, type Places } from "../places.js";
import type { OnEvent } from "../progress.js";
import { type OpenedStore, openExisting } from "./existing-store.js";
import { checkRegistryOptions, type RegistryOptions } from "../registry-options.js";
import { hintAtDamage } from "../space/index.js";

export interface CommandOptions {
  /** The store. @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
  readonly home?: string;
  readonly signal?: AbortSignal;
  /** Told what the command does, as far as it tells it. */
  readonly onEvent?: OnEvent;
}

export async function withStore<Value>(
  options: CommandOptions & RegistryOptions,
  work: (store: Store, places: Places) => Promise<Value>,
): Promise<Value> {
  checkRegistryOptions(options);
  const store = Store.openAt(options.home ?? defaultHome());
  return using({ store, close: () => store.close() }, options, work);
}

/** For commands that need what is there: where there is no store, none is made. */
export async function withExistingStore<Value>(
  options: CommandOptions & RegistryOptions,
  work: (store: Store, places: Places) => Promise<Value>,
): Promise<Value> {
  checkRegistryOptions(options);
  return using(openExisting(options.home), options, work);
}

async function using<Value>(
  { store, close }: OpenedStore,
  options: CommandOptions & RegistryOptions,
  work: (store: Store, places: Places) => Promise<Value>,
): Promise<Value> {
  const places = openPlaces(store, options, (fact) => options.onEvent?.({ time: Date.now(), ...fact }));
  try {
    return await work(store, places);
  } catch (error) {
    hintAtDamage(store, error, "command");
    throw error;
  } finally {
    await places.close();
    close();
  }
}
