// The last builds of a Dockerfile, ranked by how much they differ from the one that runs.

import { type StepPlace, StepIndex } from "./step-index.js";
import { countRows, decodeRow, placeOf, plainName, type StepRow, type StoredRows } from "./step-rows.js";

export interface PastBuild {
  readonly row: StepRow;
  readonly steps: StepIndex<string>;
  /** How many steps of the build that runs stand on something else here, so far. */
  readonly distance: number;
}

/** What a step of the build that runs stands on. */
export interface OwnStep {
  readonly place: StepPlace;
  readonly name: string;
}

export class PastBuilds {
  readonly #builds: (PastBuild & { distance: number })[];
  /** Own steps that were compared with all builds. */
  #compared = 0;

  constructor(stored: StoredRows) {
    this.#builds = Array.from({ length: countRows(stored) }, (_, build) => {
      const row = decodeRow(stored, build);
      const steps = [...row].flatMap(([id, name]) => {
        const place = placeOf(id);
        return place ? [[place, name] as const] : [];
      });
      return { row, steps: new StepIndex(steps), distance: 0 };
    });
  }

  /** The latest first. */
  get all(): readonly PastBuild[] {
    return this.#builds;
  }

  /** The nearest first, of those that are equally near the latest. @param own those of the call before, and what is new */
  nearest(own: readonly OwnStep[]): readonly PastBuild[] {
    for (const { place, name } of own.slice(this.#compared))
      for (const build of this.#builds) if (plainName(build.steps.find(place)) !== plainName(name)) build.distance++;
    this.#compared = own.length;
    return this.#builds.toSorted((a, b) => a.distance - b.distance);
  }
}
