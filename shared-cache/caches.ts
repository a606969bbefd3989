// All caches of one build beyond its store: those that it reads and those that it writes.

import { setMaxListeners } from "node:events";
import { blobOf, type Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { Layer, LayerStep, SharedCache } from "../executor/index.js";
import { withDates } from "../filesystem/index.js";
import { type BlobStore, formatPlatform, hexOf, type ImageConfig, platformOfConfig } from "../oci/index.js";
import { type BuildGraph, chainOf, type ImageOrigin } from "../planner/index.js";
import type { BuildFact } from "../progress.js";
import { EarlierSteps } from "./earlier.js";
import { CacheExport, type GroupName } from "./exports.js";
import { recordOf } from "./format.js";
import { CacheImports } from "./imports.js";
import { withInline } from "./inline.js";
import { openPlace, type OpenPlaceOptions } from "./open-place.js";
import type { CachePlace } from "./place.js";
import { githubSettings } from "./places/gha/settings.js";
import { s3Settings } from "./places/s3/settings.js";
import type { CacheSource, CacheTarget } from "./spec.js";

export interface SharedCachesOptions extends OpenPlaceOptions {
  readonly from: readonly CacheSource[];
  readonly to: readonly CacheTarget[];
  readonly store: Store;
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  /** Looks into a layer before it leaves. @throws secret_leaked */
  readonly inspect?: (layer: Layer) => Promise<void>;
  /** Waits for others who send the same layers, so that each is compressed and sent once. */
  readonly beforeSending?: () => Promise<void>;
  readonly emit: (fact: BuildFact) => void;
}

/** Names what is built, beside its platforms: each has records of its own in a cache. */
export type BuildName = Pick<GroupName, "target" | "dockerfile">;

export class SharedCaches {
  readonly #options: SharedCachesOptions;
  readonly #imports: CacheImports;
  readonly #exports: readonly CacheExport[];
  readonly #isInline: boolean;
  readonly #ended = new AbortController();
  /** By key. */
  readonly #steps = new Map<string, LayerStep & { readonly group: GroupName }>();
  /** Steps that have their layers from a cache, by key. */
  readonly #imported = new Map<string, LayerStep>();

  /** Nothing is asked for yet. @throws usage, bad_reference */
  constructor(options: SharedCachesOptions) {
    const { from, to, store, emit, inspect, beforeSending } = options;
    this.#options = options;
    const signal = options.signal ? AbortSignal.any([options.signal, this.#ended.signal]) : this.#ended.signal;
    setMaxListeners(0, signal);
    const places = new Map<string, CachePlace>();
    const open = (source: CacheSource) => once(places, openPlace(source, { ...options, signal }));
    for (const target of to) if (target.type !== "inline" && !target.ignoreError) checkSettings(target, options.env);
    const written = new Set(to.flatMap((target) => (target.type === "inline" ? [] : [open(target).name])));
    this.#imports = new CacheImports([...new Set(from.map(open))], { store, written, emit, signal });
    const tools = {
      store,
      imports: this.#imports,
      openOrigin: (origin: ImageOrigin) => this.openOrigin(origin),
      emit,
      signal,
      ...(inspect && { inspect }),
      ...(beforeSending && { beforeSending }),
    };
    this.#isInline = to.some(({ type }) => type === "inline");
    this.#exports = to.flatMap((target) =>
      target.type === "inline" ? [] : [new CacheExport(open(target), target, tools)],
    );
  }

  async openOrigin(origin: ImageOrigin): Promise<BlobStore> {
    return origin.kind === "cache" ? this.#imports.open(origin.cache) : this.#options.openOrigin(origin);
  }

  /** The caches as the steps of a build see them. @param graphs one for each platform, of the same vertices */
  of(graphs: readonly BuildGraph[], name: BuildName): SharedCache {
    const imports = this.#imports;
    const group = { ...name, platform: graphs.map(platformOf).join() };
    const chain = new Set(graphs.flatMap(chainOf));
    const lostBefore = imports.lost.size;
    const { store } = this.#options;
    const earlier = new EarlierSteps({ imports, store, kind: group, signal: this.#ended.signal });
    return {
      find: (key) => imports.find(key),
      findContent: (content) => imports.findContent(content),
      previous: (vertex) => earlier.find(vertex),
      trusts: (source) => imports.trusts(source),
      distrust: (blob) => imports.distrust(blob),
      isBroken: () => imports.lost.size > lostBefore,
      stepDone: (step) => {
        this.#steps.set(step.key, { ...step, group });
        if (step.origin?.kind === "cache") this.#imported.set(step.key, step);
        const isOfImage = chain.has(step.vertex.id);
        for (const one of this.#exports) one.stepDone({ ...step, group, isOfImage });
      },
    };
  }

  /** The config of an image, with its cache in it when that is wanted. */
  withInline(config: ImageConfig): ImageConfig {
    const [first] = this.#steps.values();
    return this.#isInline && first ? withInline(config, inlineGroup(first.group, this.#steps, config)) : config;
  }

  /** Runs `work` again while it fails because a cache did not keep what it promised: that is not believed any more. */
  async retrying<Value>(work: () => Promise<Value>): Promise<Value> {
    for (;;) {
      const before = this.#imports.lost.size;
      try {
        return await work();
      } catch (error) {
        if (this.#imports.lost.size === before || this.#options.signal?.aborted) throw error;
      }
    }
  }

  /** Brings layers that are only promised into the store, so that nothing after that can miss them. */
  async fetch(layers: readonly Layer[]): Promise<void> {
    const { store } = this.#options;
    for (const { blob, origin } of layers) {
      if (origin?.kind !== "cache" || store.blobs.hasSync(blob)) continue;
      await store.put(blob, await this.#imports.open(origin.cache).open(blob));
    }
  }

  /** Waits for the layers under way, so that nobody compresses or sends the same ones beside that. Never fails. */
  async settled(): Promise<void> {
    await Promise.all(this.#exports.map((one) => one.settled()));
  }

  /** Writes what is to be written. @throws what the places throw, unless their errors are ignored */
  async export(): Promise<void> {
    for (const one of this.#exports) await one.finish();
  }

  /** Ends what is under way, and makes layers that were fetched and verified records of the store. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.settled();
    try {
      for (const step of this.#imported.values()) adopt(this.#options.store, step);
    } catch (error) {
      if (!(error instanceof TsbuildError)) throw error; // a full or read-only store costs a record, not the build
    }
  }
}

/** What can be told of a place before it is asked. @throws usage */
function checkSettings(target: CacheSource, env: NodeJS.ProcessEnv): void {
  if (target.type === "s3") s3Settings(target, env);
  if (target.type === "gha") githubSettings(target, env);
}

function once(places: Map<string, CachePlace>, place: CachePlace): CachePlace {
  const known = places.get(place.name) ?? place;
  places.set(place.name, known);
  return known;
}

function platformOf({ image }: BuildGraph): string {
  return formatPlatform(platformOfConfig(image.config));
}

function inlineGroup(group: GroupName, steps: ReadonlyMap<string, LayerStep>, { rootfs }: ImageConfig) {
  const records = [...steps.values()].map((step) => {
    const position = rootfs.diff_ids.indexOf(step.layer.diffID);
    return position < 0 ? recordOf(step) : { ...recordOf(step), layer: position };
  });
  return { ...group, records: records.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

function adopt(store: Store, { key, layer, inputs, duration, origin }: LayerStep): void {
  const own = store.records.get(key);
  if (own && store.blobs.hasSync(blobOf(own.layer))) return;
  const index = store.blobs.hasSync(blobOf(layer)) ? store.layerIndex(layer.diffID) : undefined;
  if (!index || withDates(index.content, layer.dates) !== layer.content) return;
  const source = (origin as Extract<ImageOrigin, { kind: "cache" }>).cache;
  store.records.put(key, { version: 1, inputs, layer, duration, source });
  if (!store.layersByContent.get(hexOf(layer.content))) store.layersByContent.put(hexOf(layer.content), layer);
}
