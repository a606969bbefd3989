// The steps that a cache knows of one Dockerfile, with what they were made from: what `tsbuild explain` compares a build with.

import { setMaxListeners } from "node:events";
import type { CacheRecord } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { readBlob } from "../oci/index.js";
import { type CacheGroup, type CacheIndex, factOf } from "./format.js";
import { recordsOf } from "./groups.js";
import { decodeInputs, withoutPrivate } from "./inputs.js";
import { openPlace, type OpenPlaceOptions } from "./open-place.js";
import type { CachePlace } from "./place.js";
import type { CacheSource } from "./spec.js";

export interface KnownSteps {
  /** `registry localhost:5000/app:cache` */
  readonly name: string;
  readonly steps: readonly { readonly key: string; readonly name: string; readonly record: CacheRecord }[];
  /** Inputs as the cache has them: without the values of variables that look private. */
  readonly shown: (inputs: unknown) => unknown;
}

export interface KnownStepsOptions extends OpenPlaceOptions {
  /** As a build names it in the cache. */
  readonly dockerfile: string;
  readonly target: string;
}

/** Of the group that is of the same Dockerfile and target, else of the one that was written last. @throws cache_unavailable, bad_manifest, RegistryError, usage */
export async function readKnownSteps(source: CacheSource, options: KnownStepsOptions): Promise<KnownSteps> {
  const { signal = new AbortController().signal } = options;
  setMaxListeners(0, signal);
  const place = openPlace(source, { ...options, signal });
  const index = await place.readIndex({ signal });
  const group = index && chooseGroup(index, options);
  if (!group) throw notThere(place);
  const inputs = group.inputs ? decodeInputs(await readBlob(place.blobs, group.inputs, { signal })) : new Map();
  const steps = recordsOf(group, index.layers).map((record) => {
    const { key, step, duration } = record;
    const layer = factOf(record);
    return { key, name: step, record: { version: 1 as const, inputs: inputs.get(key) ?? {}, layer, duration } };
  });
  return { name: place.name, steps, shown: withoutPrivate };
}

function chooseGroup({ groups }: CacheIndex, { dockerfile, target }: KnownStepsOptions): CacheGroup | undefined {
  return groups.findLast((one) => one.dockerfile === dockerfile && one.target === target) ?? groups.at(-1);
}

function notThere({ name }: CachePlace): TsbuildError {
  return new TsbuildError("cache_unavailable", `expected a cache at ${name}, found none`, {
    hint: "Write one with --cache-to, or compare with a past build.",
  });
}
