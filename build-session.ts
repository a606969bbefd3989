// What one build holds open from its beginning to its end: options with their values, store, secrets, events, places.

import { setMaxListeners } from "node:events";
import { Store } from "./cache/index.js";
import type { Layer } from "./executor/index.js";
import { secretsOf } from "./inputs/index.js";
import { type BuildOptions, type ResolvedOptions, withDefaults } from "./options.js";
import { openPlaces, type Places } from "./places.js";
import { reporting, type Reporting } from "./reporting.js";
import { refuseSecrets, type SecretValues } from "./secrets/index.js";
import { SharedCaches } from "./shared-cache/index.js";

export interface BuildSession extends Reporting {
  readonly options: ResolvedOptions;
  readonly secrets: ReturnType<typeof secretsOf>;
  readonly store: Store;
  readonly places: Places;
  readonly caches: SharedCaches;
  /** Closes connections and removes what is unfinished. */
  end(): Promise<void>;
}

export function begin(userOptions: BuildOptions): BuildSession {
  const options = withDefaults(userOptions);
  const secrets = secretsOf(options);
  if (options.signal) setMaxListeners(0, options.signal);
  const store = Store.openAt(options.home);
  const logs = store.newLogs();
  const report = reporting(secrets.all(), logs, options.onEvent);
  const elsewhere = openPlaces(store, options);
  const caches = openCaches({ options, store, places: elsewhere, secrets, emit: report.emit });
  const places: Places = { ...elsewhere, openOrigin: (origin) => caches.openOrigin(origin) };
  const end = async () => {
    await caches.end();
    logs.close();
    await places.close();
    store.close();
  };
  return { options, secrets, store, places, caches, end, ...report };
}

function openCaches({
  options,
  store,
  places,
  secrets,
  emit,
}: Pick<BuildSession, "options" | "store" | "places" | "secrets" | "emit">): SharedCaches {
  const [platform] = options.platforms;
  return new SharedCaches({
    from: options.cacheFrom,
    to: options.cacheTo,
    store,
    emit,
    env: process.env,
    openOrigin: places.openOrigin,
    openRepository: places.openRepository,
    ...(platform && { platform }),
    ...(options.signal && { signal: options.signal }),
    ...(!options.allowSecretInLayer && { inspect: (layer) => refuseSecretsIn(layer, store, secrets.all()) }),
  });
}

/** A layer that came from elsewhere has left already. @throws secret_leaked */
async function refuseSecretsIn({ blob, diffID }: Layer, store: Store, secrets: SecretValues): Promise<void> {
  if (blob.digest !== diffID || !store.blobs.hasSync(blob)) return;
  const layer = { tar: store.blobs.path(diffID), index: () => store.layerIndex(diffID) };
  await refuseSecrets({ config: {}, layers: [layer] }, secrets);
}
