// What one build holds open from its beginning to its end: options with their values, store, secrets, events, places.

import { setMaxListeners } from "node:events";
import { Store } from "./cache/index.js";
import { secretsOf } from "./inputs/index.js";
import { type BuildOptions, type ResolvedOptions, withDefaults } from "./options.js";
import { openPlaces, type Places } from "./places.js";
import { reporting, type Reporting } from "./reporting.js";

export interface BuildSession extends Reporting {
  readonly options: ResolvedOptions;
  readonly secrets: ReturnType<typeof secretsOf>;
  readonly store: Store;
  readonly places: Places;
  /** Closes connections and removes what is unfinished. */
  end(): Promise<void>;
}

export function begin(userOptions: BuildOptions): BuildSession {
  const options = withDefaults(userOptions);
  const secrets = secretsOf(options);
  if (options.signal) setMaxListeners(0, options.signal);
  const store = Store.openAt(options.home);
  const logs = store.newLogs();
  const places = openPlaces(store, options);
  const end = async () => {
    logs.close();
    await places.close();
    store.close();
  };
  return { options, secrets, store, places, end, ...reporting(secrets.all(), logs, options.onEvent) };
}
