// `tsbuild lock`: what the names in a Dockerfile stand for now, written down.

import { existsSync } from "node:fs";
import { Store } from "../cache/index.js";
import { planAll } from "../checks/index.js";
import { type BuildInputs, imageResolver, namedContexts, openInputs, secretsOf } from "../inputs/index.js";
import { type BuildOptions, planOptions, type ResolvedOptions, withDefaults } from "./options.js";
import { parse } from "../parser/index.js";
import { Pinner } from "./pinner.js";
import { openPlaces } from "../places.js";
import { changesOf, type LockChange, readRules, SourceRules, writeLock } from "../policy/index.js";
import { lockFileOf, ownPolicies } from "./source-rules.js";

export interface LockOptions extends BuildOptions {
  /** Tell what would change, and change nothing. @default false */
  readonly dryRun?: boolean;
}

export interface LockResult {
  readonly file: string;
  /** Whether there was such a file. */
  readonly exists: boolean;
  /** How many sources are pinned. */
  readonly count: number;
  /** Against the file as it was, by source. */
  readonly changes: readonly LockChange[];
}

/**
 * Pins all that the target, or without one any stage, takes from elsewhere, for each of the platforms: tags to the digests that
 * registries say now, files behind URLs to their checksums, refs of repositories to commits. What is pinned by the Dockerfile
 * itself is not listed.
 * @throws as `build`, before a step runs; bad_policy when there is something else in place of a lock file; usage when nobody knows where the lock file is
 */
export async function lockSources(userOptions: LockOptions = {}): Promise<LockResult> {
  const { signBy: _, ...asked } = userOptions;
  const options = withDefaults({ ...asked, cacheTo: [], outputs: [] });
  const store = Store.openAt(options.home);
  const places = openPlaces(store, options);
  const { openRepository, openNetwork: network } = places;
  try {
    const resolveImage = imageResolver({ store, pull: "always", openRepository });
    const fetching = { store, network, secrets: secretsOf(options), ...(options.signal && { signal: options.signal }) };
    const rules = new SourceRules(ownPolicies(options));
    const pinner = new Pinner({ ...fetching, rules, openRepository, resolveImage });
    const inputs = await openInputs(options, { ...fetching, emit: () => {}, resolveSource: pinner.pinned });
    const file = lockFileOf(options, inputs.dockerfile);
    readRules(file); // what is wrong with it is told before anybody is asked
    await planAllPlatforms(inputs, options, pinner);
    const pins = await pinner.pins();
    const [exists, changes] = [existsSync(file), changesOf(file, pins)];
    if (!userOptions.dryRun) await writeLock(file, pins);
    return { file, exists, count: pins.length, changes };
  } finally {
    await places.close();
    store.close();
  }
}

/** @throws DockerfileError with all that is wrong */
async function planAllPlatforms(inputs: BuildInputs, options: ResolvedOptions, pinner: Pinner): Promise<void> {
  const { dockerfile: source, context } = inputs;
  const dockerfile = parse(source.content, { path: source.path });
  const given = { ...planOptions(options), context, namedContexts: namedContexts(options.buildContexts ?? {}) };
  const platforms = options.platforms.length === 0 ? [{}] : options.platforms.map((platform) => ({ platform }));
  for (const platform of platforms) {
    const { resolveImage, resolveSource } = pinner;
    const { error } = await planAll(dockerfile, { ...given, ...platform, resolveImage, resolveSource });
    if (error) throw error;
  }
}
