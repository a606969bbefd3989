// `tsbuild lock`: what the names in a Dockerfile stand for now, written down.

import { existsSync } from "node:fs";
import { planAll } from "../checks/index.js";
import { type BuildInputs, openInputs } from "../inputs/index.js";
import type { BuildOptions } from "./options.js";
import { parse } from "../parser/index.js";
import { Pinner } from "./pinner.js";
import { changesOf, type LockChange, readRules, SourceRules, writeLock } from "../policy/index.js";
import { fetching, planning, type Reading, resolver, withReading } from "./reading.js";
import { type ResolvedOptions, withDefaults } from "./resolved-options.js";
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
export function lockSources({ dryRun = false, ...given }: LockOptions = {}): Promise<LockResult> {
  const options: ResolvedOptions = { ...withDefaults(given), pull: "always" };
  return withReading(options, async (reading) => {
    const pinner = pinnerOf(reading);
    const asking = { ...fetching(reading), emit: () => {}, resolveSource: pinner.pinned };
    const inputs = await openInputs(options, asking);
    const file = lockFileOf(options, inputs.dockerfile);
    readRules(file); // what is wrong with it is told before anybody is asked
    await planAllPlatforms(inputs, options, pinner);
    const pins = await pinner.pins();
    const [exists, changes] = [existsSync(file), changesOf(file, pins)];
    if (!dryRun) await writeLock(file, pins);
    return { file, exists, count: pins.length, changes };
  });
}

function pinnerOf(reading: Reading): Pinner {
  const rules = new SourceRules(ownPolicies(reading.options));
  const { openRepository } = reading.places;
  return new Pinner({ ...fetching(reading), rules, openRepository, resolveImage: resolver(reading) });
}

/** @throws DockerfileError with all that is wrong */
async function planAllPlatforms(inputs: BuildInputs, options: ResolvedOptions, pinner: Pinner): Promise<void> {
  const { content, path } = inputs.dockerfile;
  const dockerfile = parse(content, { path });
  const { resolveImage, resolveSource } = pinner;
  const given = { ...planning(options, inputs), resolveImage, resolveSource };
  const platforms = options.platforms.length === 0 ? [{}] : options.platforms.map((platform) => ({ platform }));
  for (const platform of platforms) {
    const { error } = await planAll(dockerfile, { ...given, ...platform });
    if (error) throw error;
  }
}
