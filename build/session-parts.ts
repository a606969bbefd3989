// What a build session opens that sends layers and cache mounts elsewhere, or has them from there. None of it gives away a secret.

import type { Store } from "../cache/index.js";
import type { Layer } from "../executor/index.js";
import { EarlyPush } from "../outputs/index.js";
import { signalOf } from "./picks.js";
import type { Reading } from "./reading.js";
import type { Reporting } from "./reporting.js";
import { refuseSecrets, type SecretValues } from "../secrets/index.js";
import { CacheMounts, SharedCaches } from "../shared-cache/index.js";

/** What they are made with. */
type Given = Reading & Pick<Reporting, "emit">;

/** @throws usage, bad_reference */
export function openCaches(
  { options, store, places, secrets, emit }: Given,
  beforeSending: () => Promise<void>,
): SharedCaches {
  const [platform] = options.platforms;
  return new SharedCaches({
    from: options.cacheFrom,
    to: options.cacheTo,
    store,
    emit,
    beforeSending,
    env: process.env,
    openOrigin: places.openOrigin,
    openRepository: places.openRepository,
    ...(platform && { platform }),
    ...signalOf(options),
    ...(!options.allowSecretInLayer && { inspect: (layer) => refuseSecretsIn(layer, store, secrets.all()) }),
  });
}

/** @throws usage, bad_reference */
export function openMounts({ options, store, places, secrets, emit }: Given): CacheMounts {
  return new CacheMounts({
    from: options.cacheMountsFrom,
    to: options.cacheMountsTo,
    store,
    emit,
    openRepository: places.openRepository,
    ...signalOf(options),
    ...(!options.allowSecretInLayer && {
      inspect: (tar, index) => refuseSecrets({ config: {}, layers: [{ tar, index: () => index }] }, secrets.all()),
    }),
  });
}

/** Only where each layer of a step is one of the image. */
export function openEarlyPush({ options, store, places, secrets }: Reading): EarlyPush {
  const { outputs, squash, rewriteTimestamp, verifyReproducible, references } = options;
  const isAsMade = squash === undefined && !rewriteTimestamp && !verifyReproducible;
  return new EarlyPush({
    store,
    outputs: isAsMade ? outputs : [],
    tags: references,
    openOrigin: places.openOrigin,
    openRepository: places.openRepository,
    ...signalOf(options),
    ...(!options.allowSecretInLayer && { inspect: (layer) => refuseSecretsIn(layer, store, secrets.all()) }),
  });
}

/** A layer that came from elsewhere has left already. @throws secret_leaked */
async function refuseSecretsIn({ blob, diffID }: Layer, store: Store, secrets: SecretValues): Promise<void> {
  if (blob.digest !== diffID || !store.blobs.hasSync(blob)) return;
  const layer = { tar: store.blobs.path(diffID), index: () => store.layerIndex(diffID) };
  await refuseSecrets({ config: {}, layers: [layer] }, secrets);
}
