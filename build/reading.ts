// What a Dockerfile is read with, whatever is done with it then: options, store, secrets, places of images and sources.

import { Store } from "../cache/index.js";
import { Closers } from "./closers.js";
import {
  type BuildInputs,
  type FetchOptions,
  imageResolver,
  namedContexts,
  type ResolverOptions,
  secretsOf,
} from "../inputs/index.js";
import { planOptions, signalOf } from "./picks.js";
import { openPlaces, type Places } from "../places.js";
import type { ResolvedOptions } from "./resolved-options.js";

export interface Reading {
  readonly options: ResolvedOptions;
  readonly secrets: ReturnType<typeof secretsOf>;
  readonly store: Store;
  readonly places: Places;
}

/** For work that builds nothing: nobody is told of it. @throws secret_not_found, and what opening a store throws */
export async function withReading<Value>(
  options: ResolvedOptions,
  work: (reading: Reading) => Promise<Value>,
): Promise<Value> {
  const secrets = secretsOf(options);
  const closers = new Closers();
  try {
    const store = Store.openAt(options.home);
    closers.add(() => store.close());
    const places = openPlaces(store, options);
    closers.add(places.close);
    return await work({ options, secrets, store, places });
  } finally {
    await closers.close();
  }
}

/** What fetching sources asks for. */
export function fetching({ options, store, secrets, places }: Reading): FetchOptions {
  return { store, secrets, network: places.openNetwork, ...signalOf(options) };
}

/** What a plan is made from, but for what says where images and sources are. @throws bad_context, context_not_found */
export function planning(options: ResolvedOptions, { context }: Pick<BuildInputs, "context">) {
  return { ...planOptions(options), context, namedContexts: namedContexts(options.buildContexts) };
}

/** Finds images as `pull` says. */
export function resolver(reading: Reading) {
  return imageResolver(resolving(reading));
}

/** What finding images asks for. */
export function resolving({ options: { pull }, store, places: { openRepository, trust } }: Reading): ResolverOptions {
  return { store, pull, openRepository, trust };
}
