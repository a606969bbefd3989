// What one build holds open from its beginning to its end: options with their values, store, secrets, events, places.

import { setMaxListeners } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type BuildDirectory, Store } from "../cache/index.js";
import { Closers } from "./closers.js";
import { BuildRecorder, type BuildRequest } from "../history/index.js";
import { type ContextGiven, secretsOf } from "../inputs/index.js";
import { formatReference } from "../oci/index.js";
import { checkDestinations, type EarlyPush, PushAccess } from "../outputs/index.js";
import { openPlaces, type Places } from "../places.js";
import type { BuildFact } from "../progress.js";
import type { Reading } from "./reading.js";
import { redactUrl } from "../remote/index.js";
import { reporting, type Reporting } from "./reporting.js";
import type { ResolvedOptions } from "./resolved-options.js";
import { unsearched } from "../secrets/index.js";
import { SelfRepair } from "./self-repair.js";
import { openCaches, openEarlyPush, openMounts } from "./session-parts.js";
import type { CacheMounts, SharedCaches } from "../shared-cache/index.js";
import { hintAtDamage, hintAtSpace, SpaceKeeper } from "../space/index.js";

export interface BuildSession extends Reading, Reporting {
  readonly caches: SharedCaches;
  readonly mounts: CacheMounts;
  readonly earlyPush: EarlyPush;
  readonly pushAccess: PushAccess;
  readonly recorder: BuildRecorder;
  readonly repair: SelfRepair;
  /** Runs `work` again while it fails because a cache or the store did not keep what it promised. */
  retrying<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Notes that the build failed. @returns the error to throw: masked, with a hint where the store is to blame */
  fail(error: unknown): unknown;
  /** Closes connections and removes what is unfinished. */
  end(): Promise<void>;
}

/** What is open before anything else. */
interface Opened extends Pick<Reading, "options" | "secrets" | "store"> {
  readonly directory: BuildDirectory;
  readonly closers: Closers;
}

/** @throws usage, bad_reference, bad_value, output_failed, secret_not_found; nothing is open then */
export async function begin(options: ResolvedOptions): Promise<BuildSession> {
  checkDestinations(options.outputs);
  const secrets = secretsOf(options);
  if (options.signal) setMaxListeners(0, options.signal);
  const closers = new Closers();
  const store = Store.openAt(options.home, { forget: options.verifyReproducible });
  closers.add(() => store.close());
  const directory = store.newBuild();
  closers.add(() => directory.close());
  try {
    return open({ options, secrets, store, directory, closers });
  } catch (error) {
    directory.discard(); // it has not begun
    await closers.close();
    throw error;
  }
}

function open(opened: Opened): BuildSession {
  const { options, secrets, store, closers } = opened;
  const { recorder, emit, mask } = openReport(opened);
  const elsewhere = openPlaces(store, options, emit);
  closers.add(elsewhere.close);
  const parts = { options, secrets, store, emit };
  const caches = openCaches({ ...parts, places: elsewhere }, () => earlyPush.settled());
  closers.add(() => caches.end());
  const places: Places = { ...elsewhere, openOrigin: (origin) => caches.openOrigin(origin) };
  const mounts = openMounts({ ...parts, places });
  const earlyPush = openEarlyPush({ ...parts, places });
  closers.add(() => earlyPush.end());
  const { outputs, references: tags } = options;
  const pushAccess = new PushAccess({ outputs, tags, openRepository: places.openRepository });
  closers.add(() => pushAccess.end());
  const repair = new SelfRepair({ store, emit, signal: options.signal });
  const retrying = <Value>(work: () => Promise<Value>) => repair.run(() => caches.retrying(work));
  const fail = (failure: unknown) => {
    const masked = mask(pushAccess.refusal ?? failure);
    hintAtSpace(store, masked);
    hintAtDamage(store, masked);
    recorder.failed(masked, options.signal?.aborted === true);
    return masked;
  };
  const end = () => closers.close();
  return { ...parts, places, caches, mounts, earlyPush, pushAccess, recorder, repair, mask, retrying, fail, end };
}

/** What is told of the build, and kept of it; and the space that it may take. */
function openReport({ options, secrets, store, directory, closers }: Opened) {
  const keeper = new SpaceKeeper(store, options.cacheMax);
  closers.add(() => keeper.end());
  const recorder = new BuildRecorder(directory, requestOf(options));
  closers.add(() => recorder.end());
  const report = reporting(secrets.all(), directory, (event) => {
    recorder.on(event);
    if (event.type === "done" && event.layer && !event.cached) keeper.grown();
    options.onEvent(event);
  });
  closers.add(() => {
    store.removeCgroupsOfDead();
    for (const { path, reason } of store.leftovers) report.emit(leftover(path, reason));
  });
  for (const id of unsearched(secrets.all())) report.emit(tooShort(id));
  return { recorder, ...report };
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
  const { context, dockerfile, target, platform, references, buildArgs, noCache, noCacheFilter } = options;
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
