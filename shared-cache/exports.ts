// One cache that a build writes: each layer goes there as soon as its step has it, beside the steps that follow; the index
// last, so that it never leads to a layer that is not there. What is there is neither sent nor asked for.

import { Readable } from "node:stream";
import PQueue from "p-queue";
import { blobOf } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { Layer, LayerStep } from "../executor/index.js";
import { type BlobStore, copyBlob, type Descriptor, type Digest } from "../oci/index.js";
import { type BlobForm, ImageBlobs, layerBlobs } from "../outputs/index.js";
import { reportWork, type WorkReporter } from "../progress.js";
import { type CacheGroup, type CacheIndex, recordOf } from "./format.js";
import { type NewGroup, type RecordWithBlob, withGroup } from "./groups.js";
import { encodeInputs } from "./inputs.js";
import { mergeIndex } from "./merge-index.js";
import type { CachePlace } from "./place.js";
import type { CacheExportOptions } from "./spec.js";
import type { ExportTools } from "./tools.js";

/** Layers under way at the same time. */
const AT_ONCE = 4;

/** What reading an index says that is damaged, or something else. */
const UNREADABLE: readonly string[] = ["bad_manifest", "digest_mismatch", "blob_not_found"];

export type GroupName = Omit<CacheGroup, "records" | "inputs">;

export interface ExportedStep extends LayerStep {
  readonly group: GroupName;
  /** Whether its layer is one of the image. */
  readonly isOfImage: boolean;
}

interface Placed {
  readonly step: ExportedStep;
  readonly blob: Promise<Descriptor | undefined> | undefined;
}

export class CacheExport {
  readonly place: CachePlace;
  readonly #options: CacheExportOptions;
  readonly #tools: ExportTools;
  readonly #queue = new PQueue({ concurrency: AT_ONCE });
  readonly #steps = new Map<string, Placed>();
  readonly #blobs = new Map<string, Promise<Descriptor>>();
  #previous: Promise<CacheIndex | undefined> | undefined;
  #sent = { layers: 0, bytes: 0 };

  constructor(place: CachePlace, options: CacheExportOptions, tools: ExportTools) {
    this.place = place;
    this.#options = options;
    this.#tools = tools;
  }

  /** Begins to place the layer. Never fails: what fails is told by `finish`. */
  stepDone(step: ExportedStep): void {
    const blob = this.#options.mode === "max" || step.isOfImage ? this.#wanted(step) : undefined;
    blob?.catch(() => {});
    this.#steps.set(`${JSON.stringify(step.group)} ${step.key}`, { step, blob });
  }

  /** Waits for the layers and writes the index, unless it says all of this already. */
  async finish(): Promise<void> {
    const { emit, signal } = this.#tools;
    const name = `exporting cache to ${this.place.name}`;
    try {
      await reportWork(emit, name, name, (report) => this.#write(report));
    } catch (error) {
      if (!this.#options.ignoreError || signal.aborted || !(error instanceof TsbuildError)) throw error;
      emit({ type: "warning", rule: "--cache-to", message: `the cache was not written: ${error.message}` });
    }
  }

  /** Resolves when nothing moves any more, however it ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#blobs.values());
  }

  async #write(report: WorkReporter): Promise<void> {
    const groups = await this.#groups();
    const previous = groups.length > 0 ? await this.#readPrevious() : undefined;
    if (!groups.some((group) => this.#changes(previous, group))) return report.status("nothing to export");
    await this.#writeIndex(groups);
    const { layers, bytes } = this.#sent;
    report.status(`${layers} of ${this.#blobs.size} layers sent, ${bytes} bytes`);
  }

  /** On what others may have written meanwhile. */
  async #writeIndex(groups: readonly NewGroup[]): Promise<void> {
    const { signal, emit } = this.#tools;
    const withInputs = await Promise.all(groups.map((group) => this.#sendInputs(group)));
    const merge = (current: CacheIndex | undefined) => {
      const add = (index: CacheIndex | undefined, group: NewGroup) => this.#changes(index, group) ?? index;
      const index = withInputs.reduce(add, current);
      return index === current ? undefined : index;
    };
    if (await mergeIndex(this.place, { read: () => this.#readIndex(), merge, signal })) return;
    const message = `other builds write ${this.place.name} at the same time: what this one adds may be missing there`;
    emit({ type: "warning", rule: "--cache-to", message });
  }

  #changes(index: CacheIndex | undefined, group: NewGroup): CacheIndex | undefined {
    return withGroup(index, group, this.place.scope);
  }

  async #groups(): Promise<NewGroup[]> {
    const groups = new Map<string, { readonly name: GroupName; readonly records: RecordWithBlob[] }>();
    for (const { step, blob } of this.#steps.values()) {
      const name = JSON.stringify(step.group);
      const group = groups.get(name) ?? { name: step.group, records: [] };
      groups.set(name, group);
      const sent = await blob;
      group.records.push({ ...recordOf(step), ...(sent && { blob: sent }) });
    }
    return [...groups.values()].map(({ name, records }) => ({ ...name, records: records.sort(byKey) }));
  }

  async #sendInputs(group: NewGroup): Promise<NewGroup> {
    const keys = new Set(group.records.map(({ key }) => key));
    const steps = [...this.#steps.values()].map(({ step }) => step).filter(({ key }) => keys.has(key));
    const { descriptor, bytes } = encodeInputs(new Map(steps.map(({ key, inputs }) => [key, inputs])));
    if (!(await this.place.blobs.has(descriptor)))
      await this.place.blobs.put(descriptor, Readable.from([bytes]), { signal: this.#tools.signal });
    return { ...group, inputs: descriptor };
  }

  async #wanted(step: ExportedStep): Promise<Descriptor | undefined> {
    if (!this.#canBeHad(step)) return this.#blobThere(step.layer.diffID);
    return this.#placed(step).catch((error: unknown) => this.#withoutLost(step, error));
  }

  /** Of some steps the cache that is read has the record only. */
  #canBeHad({ layer, origin }: ExportedStep): boolean {
    return origin?.kind !== "cache" || layer.blob !== undefined || this.#tools.store.blobs.hasSync(blobOf(layer));
  }

  /** A layer that the cache that is read does not give is none that this one lacks: the record goes alone. */
  #withoutLost({ layer, origin }: ExportedStep, error: unknown): undefined {
    if (origin?.kind === "cache" && this.#tools.imports.lost.has(blobOf(layer).digest)) return undefined;
    throw error;
  }

  #placed(step: ExportedStep): Promise<Descriptor> {
    const { imports, store } = this.#tools;
    const name = `${step.layer.diffID} ${imports.lost.size} ${store.damaged.size}`; // what was lost is placed again
    const known = this.#blobs.get(name);
    if (known) return known;
    const blob = this.#place(step);
    this.#blobs.set(name, blob);
    return blob;
  }

  /** @returns the blob as it is in the place */
  async #place({ layer: fact, origin }: ExportedStep): Promise<Descriptor> {
    const there = await this.#blobThere(fact.diffID);
    if (there) return there;
    const { diffID, content } = fact;
    const layer: Layer = { diffID, content, blob: blobOf(fact), ...(origin && { origin }) };
    return this.#queue.add(() => this.#send(layer));
  }

  async #blobThere(diffID: Digest): Promise<Descriptor | undefined> {
    const { imports } = this.#tools;
    const index = await this.#readPrevious();
    const records = index?.groups.flatMap(({ records }) => records) ?? [];
    const record = records.find((one) => one.diffID === diffID && one.layer !== undefined);
    const blob = record && index!.layers[record.layer!]!;
    if (blob && !imports.lost.has(blob.digest)) return blob;
    return imports.knownIn(this.place, diffID);
  }

  async #send(layer: Layer): Promise<Descriptor> {
    const { store, openOrigin, inspect, beforeSending, signal } = this.#tools;
    await beforeSending?.();
    await inspect?.(layer);
    const from = new ImageBlobs(store, [layer], openOrigin);
    const [blob] = await layerBlobs(store, [layer], formOf(this.#options), { source: from, signal });
    const mount = async (one: Descriptor) => (layer.origin ? this.#mount(one, layer.origin) : false);
    await copyBlob(blob!, from, this.#counting(), { signal, mount });
    return blob!;
  }

  #counting(): BlobStore {
    const { blobs } = this.place;
    const { lost } = this.#tools.imports;
    return {
      has: async (blob) => !lost.has(blob.digest) && blobs.has(blob), // what is damaged there is sent anew
      open: (blob, options) => blobs.open(blob, options),
      put: async (blob, content, options) => {
        await blobs.put(blob, content, options);
        this.#sent = { layers: this.#sent.layers + 1, bytes: this.#sent.bytes + blob.size };
      },
    };
  }

  async #mount(blob: Descriptor, origin: NonNullable<Layer["origin"]>): Promise<boolean> {
    if (!("reference" in origin) || !origin.reference) return false;
    return (await this.place.mount?.(blob, origin.reference)) ?? false;
  }

  #readPrevious(): Promise<CacheIndex | undefined> {
    const { imports } = this.#tools;
    return (this.#previous ??= imports.reads(this.place) ? imports.indexOf(this.place) : this.#readIndex());
  }

  /** What is there and cannot be read is written anew. */
  async #readIndex(): Promise<CacheIndex | undefined> {
    const { signal } = this.#tools;
    return this.place.readIndex({ signal }).catch((error: unknown) => {
      if (error instanceof TsbuildError && UNREADABLE.includes(error.code)) return undefined;
      throw error;
    });
  }
}

function formOf({ compression = "gzip", compressionLevel, forceCompression = false }: CacheExportOptions): BlobForm {
  const level = compressionLevel === undefined ? {} : { level: compressionLevel };
  return { compression, ...level, force: forceCompression, dialect: "oci" };
}

function byKey(a: RecordWithBlob, b: RecordWithBlob): number {
  return a.key < b.key ? -1 : 1;
}
