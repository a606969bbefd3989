// What each step of a Dockerfile was made from the last time, so that a step that runs again can say what changed.

import type { CacheRecord, Store } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { canonicalJson, hexOf, sha256 } from "../../oci/index.js";
import type { Vertex } from "../../planner/index.js";

export class StepHistory {
  readonly #store: Store;
  readonly #scope: string;
  /** Vertices of each stage so far, to number them. */
  readonly #positions: ReadonlyMap<number, number>;

  /** @param scope names the Dockerfile and what it is built for: steps of different ones have nothing to do with each other */
  constructor(store: Store, scope: string, vertices: readonly Vertex[]) {
    this.#store = store;
    this.#scope = scope;
    this.#positions = positionsOf(vertices);
  }

  /** The record of the same instruction, else of the one that stood at the same place of the stage; undefined for a new step. */
  previous(vertex: Vertex): CacheRecord | "pruned" | undefined {
    for (const id of this.#ids(vertex)) {
      const name = this.#store.steps.get(id);
      if (name !== undefined) return this.#store.records.get(name) ?? "pruned";
    }
    return undefined;
  }

  /** @param record the name of the record that the step stands on now */
  remember(vertex: Vertex, record: string): void {
    try {
      for (const id of this.#ids(vertex)) if (this.#store.steps.get(id) !== record) this.#store.steps.put(id, record);
    } catch (error) {
      if (!(error instanceof TsbuildError)) throw error; // a full or read-only store costs an explanation, not the build
    }
  }

  #ids(vertex: Vertex): string[] {
    const { stage = "", platform } = vertex;
    const place = { scope: this.#scope, stage, ...(platform !== undefined && { platform }) };
    const text = vertex.name.replace(/^\[[^\]]*\] /, "");
    return [
      { ...place, text },
      { ...place, position: this.#positions.get(vertex.id) },
    ].map((id) => hexOf(sha256(canonicalJson(id))));
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
