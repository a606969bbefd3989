// What one build holds open from its beginning to its end: options with their values, store, secrets, events, places.

import { setMaxListeners } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Store } from "../cache/index.js";
import type { Layer } from "../executor/index.js";
import { BuildRecorder, type BuildRequest } from "../history/index.js";
import { type ContextGiven, secretsOf } from "../inputs/index.js";
import { formatReference } from "../oci/index.js";
import { type BuildOptions, type ResolvedOptions, withDefaults } from "./options.js";
import { checkDestinations, EarlyPush, PushAccess } from "../outputs/index.js";
import { openPlaces, type Places } from "../places.js";
import type { BuildFact } from "../progress.js";
import { redactUrl } from "../remote/index.js";
import { reporting, type Reporting } from "./reporting.js";
import { refuseSecrets, type SecretValues, unsearched } from "../secrets/index.js";
import { SelfRepair } from "./self-repair.js";
import { CacheMounts, SharedCaches } from "../shared-cache/index.js";
import { hintAtDamage, hintAtSpace, SpaceKeeper } from "../space/index.js";

export interface BuildSession extends Reporting {
  readonly options: ResolvedOptions;
  readonly secrets: ReturnType<typeof secretsOf>;
  readonly store: Store;
  readonly places: Places;
  readonly caches: SharedCaches;
  readonly mounts: CacheMounts;
  readonly earlyPush: EarlyPush;
  readonly pushAccess: PushAccess;
  readonly recorder: BuildRecorder;
  readonly repair: SelfRepair;
  /** Runs `work` again while it fails because a cache or the store did not keep what it promised. */
  retrying<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Closes connections and removes what is unfinished. */
  end(): Promise<void>;
}

export function begin(userOptions: BuildOptions): BuildSession {
  const options = withDefaults(userOptions);
  checkDestinations(options.outputs);
  const secrets = secretsOf(options);
  if (options.signal) setMaxListeners(0, options.signal);
  const store = Store.openAt(options.home, { forget: options.verifyReproducible ?? false });
  const directory = store.newBuild();
  const keeper = new SpaceKeeper(store, options.cacheMax);
  const recorder = new BuildRecorder(directory, requestOf(options));
  const report = reporting(secrets.all(), directory, (event) => {
    recorder.on(event);
    if (event.type === "done" && event.layer && !event.cached) keeper.grown();
    options.onEvent?.(event);
  });
  for (const id of unsearched(secrets.all())) report.emit(tooShort(id));
  const elsewhere = openPlaces(store, options, report.emit);
  const beforeSending = () => earlyPush.settled();
  const caches = openCaches({ options, store, places: elsewhere, secrets, emit: report.emit, beforeSending });
  const mounts = new CacheMounts({
    from: options.cacheMountsFrom ?? [],
    to: options.cacheMountsTo ?? [],
    store,
    emit: report.emit,
    openRepository: elsewhere.openRepository,
    ...(options.signal && { signal: options.signal }),
    ...(!options.allowSecretInLayer && {
      inspect: (tar, index) => refuseSecrets({ config: {}, layers: [{ tar, index: () => index }] }, secrets.all()),
    }),
  });
  const places: Places = { ...elsewhere, openOrigin: (origin) => caches.openOrigin(origin) };
  const earlyPush = openEarlyPush({ options, store, places, secrets });
  const pushAccess = new PushAccess({ ...options, tags: options.references, openRepository: places.openRepository });
  const end = async () => {
    await pushAccess.end();
    await earlyPush.end();
    await caches.end();
    store.removeCgroupsOfDead();
    for (const { path, reason } of store.leftovers) report.emit(leftover(path, reason));
    recorder.end();
    keeper.end();
    directory.close();
    await places.close();
    store.close();
  };
  const error = (failure: unknown) => {
    const masked = report.error(pushAccess.refusal ?? failure);
    hintAtSpace(store, masked);
    hintAtDamage(store, masked);
    recorder.failed(masked, options.signal?.aborted === true);
    return masked;
  };
  const { emit } = report;
  const repair = new SelfRepair({ store, emit, signal: options.signal });
  const retrying = <Value>(work: () => Promise<Value>) => repair.run(() => caches.retrying(work));
  const parts = { options, secrets, store, places, caches, mounts, earlyPush, pushAccess, recorder };
  return { ...parts, repair, retrying, end, emit, error };
}

function tooShort(id: string): BuildFact {
  const message = `the secret "${id}" is too short to be looked for in layers: nothing tells when it is in one`;
  return { type: "warning", rule: "--secret", message };
}

function leftover(path: string, reason: string): BuildFact {
  const message = `what a killed build left at "${path}" cannot be removed (${reason}); remove it by hand`;
  return { type: "warning", rule: "store", message };
}

/** What a build is kept as: names of build arguments, and no values. */
function requestOf(options: ResolvedOptions): BuildRequest {
  const {
    context,
    dockerfile,
    target,
    platform,
    references,
    buildArgs = {},
    noCache = false,
    noCacheFilter = [],
  } = options;
  return {
    context: contextName(context),
    ...(typeof dockerfile === "string" && { dockerfile }),
    ...(target !== undefined && { target }),
    ...(platform !== undefined && { platform }),
    tags: references.map(formatReference),
    buildArgs: Object.keys(buildArgs),
    noCache,
    noCacheFilter,
  };
}

function contextName(context: ContextGiven): string {
  if (typeof context !== "string") return "-";
  return existsSync(context) ? resolve(context) : redactUrl(context);
}

interface CachesOptions extends Pick<BuildSession, "options" | "store" | "places" | "secrets" | "emit"> {
  readonly beforeSending: () => Promise<void>;
}

function openCaches({ options, store, places, secrets, emit, beforeSending }: CachesOptions): SharedCaches {
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
    ...(options.signal && { signal: options.signal }),
    ...(!options.allowSecretInLayer && { inspect: (layer) => refuseSecretsIn(layer, store, secrets.all()) }),
  });
}

/** Only where each layer of a step is one of the image. */
function openEarlyPush({
  options,
  store,
  places,
  secrets,
}: Pick<BuildSession, "options" | "store" | "places" | "secrets">): EarlyPush {
  const { outputs, squash, rewriteTimestamp, verifyReproducible, references, signal } = options;
  const isAsMade = squash === undefined && !rewriteTimestamp && !verifyReproducible;
  return new EarlyPush({
    store,
    outputs: isAsMade ? outputs : [],
    tags: references,
    openOrigin: places.openOrigin,
    openRepository: places.openRepository,
    ...(signal && { signal }),
    ...(!options.allowSecretInLayer && { inspect: (layer) => refuseSecretsIn(layer, store, secrets.all()) }),
  });
}

/** A layer that came from elsewhere has left already. @throws secret_leaked */
async function refuseSecretsIn({ blob, diffID }: Layer, store: Store, secrets: SecretValues): Promise<void> {
  if (blob.digest !== diffID || !store.blobs.hasSync(blob)) return;
  const layer = { tar: store.blobs.path(diffID), index: () => store.layerIndex(diffID) };
  await refuseSecrets({ config: {}, layers: [layer] }, secrets);
}
