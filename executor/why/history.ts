// What the steps of a Dockerfile stood on in its last builds, so that a step that runs again can say what changed: it is
// compared with the build that differs least from this one. One file for a Dockerfile: an unchanged build reads it once and
// writes nothing.

import type { CacheRecord, Store } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { hexOf, sha256 } from "../../oci/index.js";
import type { Vertex } from "../../planner/index.js";
import { basesOf, imageMove, type ImageMove } from "./bases.js";
import { ownDifferences } from "./compare.js";
import { type OwnStep, type PastBuild, PastBuilds } from "./past-builds.js";
import { basePlace, placesOf } from "./places.js";
import type { StepPlace } from "./step-index.js";
import {
  countRows,
  decodeRow,
  elsewhere,
  encodeRows,
  isElsewhere,
  isSameRow,
  plainName,
  stepId,
  type StepRow,
} from "./step-rows.js";

/** Milliseconds between two writes while a build runs. */
const SAVE_EVERY = 1000;

/** Records of one step that are compared. */
const MOST_COMPARED = 3;

export interface Previous {
  readonly record: CacheRecord | "pruned";
  /** Where the base image is another one than that build's. */
  readonly image?: ImageMove;
}

export class StepHistory {
  readonly #store: Store;
  /** Names the file. */
  readonly #key: string;
  readonly #places: ReadonlyMap<number, StepPlace>;
  /** What names the steps in the file. */
  readonly #ids: ReadonlyMap<number, string>;
  readonly #bases: ReadonlyMap<number, string>;
  /** Read at the first miss. */
  #past: PastBuilds | undefined;
  /** What this build knows, by ids, in the order in which it became known. */
  readonly #own = new Map<string, OwnStep>();
  /** Base images that are among them, by stage and platform. */
  readonly #stages = new Map<string, string>();
  #saved: StepRow | undefined;
  #savedAt = Date.now();

  /** @param scope names the Dockerfile and what it is built for: steps of different ones have nothing to do with each other */
  constructor(store: Store, scope: string, vertices: readonly Vertex[]) {
    this.#store = store;
    this.#key = hexOf(sha256(scope));
    this.#places = placesOf(vertices);
    this.#ids = new Map([...this.#places].map(([vertex, place]) => [vertex, stepId(place)]));
    this.#bases = basesOf(vertices);
  }

  /**
   * The record of the same step in the build that differs least so far; the latest of those that differ equally.
   * @param inputs what the step reads now
   * @returns undefined for a new step
   */
  previous(vertex: Vertex, inputs: unknown): Previous | undefined {
    const builds = this.#different(vertex);
    const found = builds.flatMap(({ build, name }) => {
      const record = this.#store.records.get(name);
      return record ? [{ build, record }] : [];
    });
    const near = found.filter(({ build }) => build.distance === found[0]?.build.distance);
    const best = least(near, ({ record }) => ownDifferences(record.inputs, inputs));
    if (best) return { record: best.record, ...this.#imageMove(vertex, best.build) };
    return builds.length > 0 ? { record: "pruned" } : undefined;
  }

  /** Milliseconds that the step took the last time; undefined when that is not known. */
  lastDuration(vertex: Vertex): number | undefined {
    const name = plainName(this.#names(vertex)[0]);
    return name === undefined ? undefined : this.#store.records.getHead(name)?.duration;
  }

  /** Why a record that the step stood on in a build before is not found. Undefined when it never stood on it. */
  lost(vertex: Vertex, name: string): "lost" | "other-cache" | undefined {
    const names = this.#names(vertex);
    if (names.includes(name)) return "lost";
    return names.includes(elsewhere(name)) ? "other-cache" : undefined;
  }

  /**
   * Notes what the step stands on now; `save` writes it.
   * @param name of its record
   * @param isForeign whether only another cache has the record
   */
  remember(vertex: Vertex, name: string, isForeign = false): void {
    const place = this.#places.get(vertex.id)!;
    this.#own.set(this.#ids.get(vertex.id)!, { place, name: isForeign ? elsewhere(name) : name });
    const base = this.#bases.get(vertex.id);
    if (base === undefined || this.#isOfStage(base, place)) return;
    this.#stages.set(`${place.stage} ${place.platform}`, base);
    this.#own.set(stepId(basePlace(place)), { place: basePlace(place), name: base });
  }

  #isOfStage(base: string, { stage, platform }: StepPlace): boolean {
    return this.#stages.get(`${stage} ${platform}`) === base;
  }

  /** As `save`, but now and then only. */
  saveSometimes(): void {
    if (Date.now() - this.#savedAt >= SAVE_EVERY) this.save();
  }

  /** Writes what is new, beside what other builds wrote meanwhile. */
  save(): void {
    if (this.#own.size === 0) return;
    this.#savedAt = Date.now();
    const stored = this.#store.steps.use(this.#key) ?? {};
    const row = this.#row();
    if (isSameRow(row, decodeRow(stored, 0))) return;
    const others = Array.from({ length: countRows(stored) }, (_, build) => decodeRow(stored, build));
    const kept = others.filter((other) => !this.#saved || !isSameRow(other, this.#saved));
    try {
      this.#store.steps.put(this.#key, encodeRows([row, ...kept]));
      this.#saved = row;
    } catch (error) {
      if (!(error instanceof TsbuildError)) throw error; // a full or read-only store costs an explanation, not the build
    }
  }

  /** Steps that were not reached stand on what they stood on in the nearest build. */
  #row(): StepRow {
    const row = new Map([...this.#own].map(([id, { name }]) => [id, name]));
    for (const id of this.#ids.values()) {
      if (row.has(id)) continue;
      const [name] = this.#nearest().flatMap(({ row: past }) => past.get(id) ?? []);
      if (name !== undefined) row.set(id, name);
    }
    return row;
  }

  /** Builds that had the step, each with another record of the store, the nearest first. */
  #different(vertex: Vertex): readonly { readonly build: PastBuild; readonly name: string }[] {
    const place = this.#places.get(vertex.id)!;
    const builds = this.#nearest().flatMap((build) => {
      const name = build.steps.find(place);
      return name === undefined || isElsewhere(name) ? [] : [{ build, name }];
    });
    const isFirst = (name: string, position: number) => builds.findIndex((one) => one.name === name) === position;
    return builds.filter(({ name }, position) => isFirst(name, position)).slice(0, MOST_COMPARED);
  }

  #nearest(): readonly PastBuild[] {
    return this.#builds().nearest([...this.#own.values()]);
  }

  /** The latest first. */
  #names(vertex: Vertex): readonly string[] {
    const place = this.#places.get(vertex.id)!;
    return this.#builds().all.flatMap(({ steps }) => steps.find(place) ?? []);
  }

  #builds(): PastBuilds {
    this.#past ??= new PastBuilds(this.#store.steps.use(this.#key) ?? {});
    return this.#past;
  }

  #imageMove(vertex: Vertex, { steps }: PastBuild): { readonly image?: ImageMove } {
    return imageMove(steps.find(basePlace(this.#places.get(vertex.id)!)), this.#bases.get(vertex.id));
  }
}

/** The first of those with the least value. */
function least<Value>(values: readonly Value[], valueOf: (value: Value) => number): Value | undefined {
  if (values.length < 2) return values[0];
  const numbers = values.map(valueOf);
  return values[numbers.indexOf(Math.min(...numbers))];
}
