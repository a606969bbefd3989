// What each step of a Dockerfile was made from the last time, so that a step that runs again can say what changed. One file
// for a Dockerfile: an unchanged build reads it once and writes nothing.

import type { CacheRecord, Store } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { hexOf, sha256 } from "../../oci/index.js";
import type { Vertex } from "../../planner/index.js";

/** Names of steps that are kept for a Dockerfile, those that were built last. */
const KEPT = 4000;

/** Milliseconds between two writes while a build runs. */
const SAVE_EVERY = 1000;

export class StepHistory {
  readonly #store: Store;
  /** Names the file. */
  readonly #key: string;
  /** Vertices of each stage so far, to number them. */
  readonly #positions: ReadonlyMap<number, number>;
  /** Names of records by what names their steps. Read at the first call. */
  #known: ReadonlyMap<string, string> | undefined;
  /** What this build knows better. */
  readonly #fresh = new Map<string, string>();
  #savedAt = Date.now();

  /** @param scope names the Dockerfile and what it is built for: steps of different ones have nothing to do with each other */
  constructor(store: Store, scope: string, vertices: readonly Vertex[]) {
    this.#store = store;
    this.#key = hexOf(sha256(scope));
    this.#positions = positionsOf(vertices);
  }

  /** The record of the same instruction, else of the one that stood at the same place of the stage; undefined for a new step. */
  previous(vertex: Vertex): CacheRecord | "pruned" | undefined {
    for (const id of this.#ids(vertex)) {
      const name = this.#nameOf(id);
      if (name !== undefined) return this.#store.records.get(name) ?? "pruned";
    }
    return undefined;
  }

  /** @param record the name of the record that the step stands on now. Written by `save`, or now and then before */
  remember(vertex: Vertex, record: string): void {
    for (const id of this.#ids(vertex)) if (this.#nameOf(id) !== record) this.#fresh.set(id, record);
    if (this.#fresh.size > 0 && Date.now() - this.#savedAt >= SAVE_EVERY) this.save();
  }

  /** Writes what is new, beside what other builds wrote meanwhile. */
  save(): void {
    if (this.#fresh.size === 0) return;
    this.#savedAt = Date.now();
    const known = this.#read();
    for (const [id, name] of this.#fresh) {
      known.delete(id); // what is remembered goes to the end, where it is kept longest
      known.set(id, name);
    }
    this.#fresh.clear();
    this.#known = known;
    try {
      this.#store.steps.put(this.#key, Object.fromEntries([...known].slice(-KEPT)));
    } catch (error) {
      if (!(error instanceof TsbuildError)) throw error; // a full or read-only store costs an explanation, not the build
    }
  }

  #nameOf(id: string): string | undefined {
    this.#known ??= this.#read();
    return this.#fresh.get(id) ?? this.#known.get(id);
  }

  #read(): Map<string, string> {
    return new Map(Object.entries(this.#store.steps.use(this.#key) ?? {}));
  }

  /** By its text, and by its place. */
  #ids({ id, name, stage = "", platform = "" }: Vertex): string[] {
    const text = name.replace(/^\[[^\]]*\] /, "");
    return [JSON.stringify([stage, platform, text]), JSON.stringify([stage, platform, this.#positions.get(id)])];
  }
}

function positionsOf(vertices: readonly Vertex[]): Map<number, number> {
  const counts = new Map<string, number>();
  return new Map(
    vertices.map(({ id, stage = "" }) => {
      const position = counts.get(stage) ?? 0;
      counts.set(stage, position + 1);
      return [id, position];
    }),
  );
}
