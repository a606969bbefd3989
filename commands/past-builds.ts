// The commands on past builds: list them, read the logs of their steps, explain why steps ran, forget them.

import { basename, isAbsolute } from "node:path";
import { readBuildLog, removeBuild, type Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type BuildRecord,
  type BuildStatus,
  explainBuild,
  type Explanation,
  findBuild,
  findStep,
  pastBuilds,
  type StepRecord,
} from "../history/index.js";
import type { Places } from "../places.js";
import { type CacheSource, readKnownSteps } from "../shared-cache/index.js";
import type { RegistryCommandOptions } from "./transfer.js";
import { withExistingStore } from "./with-store.js";

export interface PastBuildOptions {
  /** The store. @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
  readonly home?: string;
}

export interface ListBuildsOptions extends PastBuildOptions {
  /** Only those with this status. */
  readonly status?: BuildStatus;
  /** Only those of this context, tag, target or Dockerfile: a part of it is enough. */
  readonly of?: string;
  /** At most so many. @default all that are kept */
  readonly limit?: number;
}

/** @returns the latest first */
export async function listBuilds(options: ListBuildsOptions = {}): Promise<readonly BuildRecord[]> {
  return withExistingStore(options, async (store) => {
    const matching = [...pastBuilds(store)].filter((build) => matches(build, options));
    return matching.slice(0, options.limit);
  });
}

export interface StepLog {
  readonly step: StepRecord;
  readonly log: Uint8Array;
}

/**
 * The whole logs of a build's steps that printed something, or of one step.
 * @param name an id or a unique part of it, `^N` for the Nth before the latest, a tag. @default the latest build
 * @throws build_not_found, usage when there is no such step
 */
export async function readLogs(
  name?: string,
  step?: string,
  options: PastBuildOptions = {},
): Promise<readonly StepLog[]> {
  return withExistingStore(options, async (store) => {
    const build = findBuild(store, name);
    const steps = step === undefined ? build.steps : [findStep(build, step)];
    const logs = steps.map((one) => ({ step: one, log: readBuildLog(store.paths.builds, build.id, one.vertex) }));
    return logs.flatMap(({ step: one, log }) => (log ? [{ step: one, log }] : []));
  });
}

export interface ExplainBuildOptions extends RegistryCommandOptions {
  /** A build to compare with, or a shared cache. @default the nearest earlier one of the same Dockerfile */
  readonly against?: string | CacheSource;
  /** Only this step, and what it follows. */
  readonly step?: string;
}

/**
 * Why the steps of a build ran.
 * @param name as for `readLogs`
 * @throws build_not_found, usage when there is no such step; cache_unavailable, bad_manifest, RegistryError of a cache
 */
export async function explain(name?: string, options: ExplainBuildOptions = {}): Promise<Explanation> {
  return withExistingStore(options, async (store, places) => {
    const build = findBuild(store, name);
    const against = await findAgainst(store, build, options, places);
    const explanation = explainBuild(store, build, against ? { against } : {});
    return options.step === undefined ? explanation : onlyStep(explanation, findStep(build, options.step).name);
  });
}

async function findAgainst(
  store: Store,
  { asked }: BuildRecord,
  { against, signal }: ExplainBuildOptions,
  { openRepository }: Places,
) {
  if (against === undefined || typeof against === "string")
    return against === undefined ? undefined : findBuild(store, against);
  const { dockerfile = "Dockerfile", target = "" } = asked;
  const name = isAbsolute(dockerfile) ? basename(dockerfile) : dockerfile;
  const environment = { env: process.env, openRepository, ...(signal && { signal }) };
  return readKnownSteps(against, { ...environment, dockerfile: name, target });
}

/**
 * Forgets a build and its logs. Images and cache stay.
 * @returns its id
 * @throws build_not_found, usage when it is running
 */
export async function removePastBuild(name: string, options: PastBuildOptions = {}): Promise<string> {
  return withExistingStore(options, async (store) => {
    const { id } = findBuild(store, name);
    if (removeBuild(store.paths.builds, id)) return id;
    throw new TsbuildError("usage", `the build ${id} is running`, { hint: "Wait for its end, or end it." });
  });
}

/** The step with the chain of what it follows. */
function onlyStep(explanation: Explanation, name: string): Explanation {
  const wanted = new Set([name]);
  for (const { step, cause } of explanation.steps.toReversed()) {
    if (wanted.has(step.name) && cause.kind === "follows") wanted.add(cause.step);
  }
  return { ...explanation, steps: explanation.steps.filter(({ step }) => wanted.has(step.name)) };
}

function matches({ status, asked }: BuildRecord, options: ListBuildsOptions): boolean {
  if (options.status !== undefined && status !== options.status) return false;
  if (options.of === undefined) return true;
  const texts = [asked.context, asked.dockerfile ?? "", asked.target ?? "", ...asked.tags];
  return texts.some((text) => text.includes(options.of!));
}
