// Writes the record of a build from what it reports: when steps begin, now and then, and when it ends.

import type { BuildDirectory } from "../cache/index.js";
import type { Digest } from "../oci/index.js";
import type { BuildEvent } from "../progress.js";
import type { BuildRecord, BuildRequest, StepRecord } from "./record.js";

/** Milliseconds between two records of a build that runs. */
const SAVE_EVERY = 1000;

type Outcome = Pick<BuildRecord, "status" | "message" | "imageId" | "digest">;

export class BuildRecorder {
  readonly #directory: BuildDirectory;
  readonly #asked: BuildRequest;
  readonly #started = new Date().toISOString();
  readonly #steps = new Map<string, StepRecord>();
  readonly #images = new Map<string, string>();
  /** The vertices of base images, by what stands on them. */
  readonly #bases = new Map<string, string>();
  #scope: string | undefined;
  /** 0 until the first step begins, when all are declared. */
  #savedAt = 0;
  #outcome: Outcome = { status: "canceled" };

  constructor(directory: BuildDirectory, asked: BuildRequest) {
    this.#directory = directory;
    this.#asked = asked;
  }

  /** As `tsbuild builds` has it. */
  get id(): string {
    return this.#directory.id;
  }

  /** Says what the build is of, so that later ones find it. */
  begin(scope: string): void {
    this.#scope = scope;
  }

  /** Told of every event, without secrets. */
  on(event: BuildEvent): void {
    if (event.type === "vertex") return this.#declare(event);
    if (!("vertex" in event)) return;
    const step = this.#steps.get(event.vertex);
    if (!step || event.type === "output" || event.type === "status") return;
    this.#steps.set(event.vertex, { ...step, ...changeBy(event, step) });
    if (Date.now() - this.#savedAt >= SAVE_EVERY) this.#save({ status: "running" });
  }

  succeeded(imageId: Digest, digest: Digest): void {
    this.#outcome = { status: "done", imageId, digest };
  }

  /** @param error without secrets */
  failed(error: unknown, wasCanceled: boolean): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#outcome = wasCanceled ? { status: "canceled" } : { status: "failed", message };
  }

  /** Keeps nothing, logs neither: it was no build. To be called before it begins. */
  discard(): void {
    this.#directory.discard();
  }

  /** Keeps how the build ended. */
  end(): void {
    if (!this.#save({ ...this.#outcome, ended: new Date().toISOString() }))
      this.#directory.markEnd(this.#outcome.status);
  }

  #declare({ vertex, name, stage, lines, image, inputs }: BuildEvent & { readonly type: "vertex" }): void {
    if (image !== undefined) this.#images.set(vertex, image);
    const base = image === undefined ? this.#bases.get(inputs[0] ?? "") : vertex;
    if (base !== undefined) this.#bases.set(vertex, base);
    if (stage === undefined) return; // loading and exporting are no steps
    const place = { ...(lines && { lines }), ...(base !== undefined && base !== vertex && { base }) };
    this.#steps.set(vertex, { vertex, name, stage, ...place, status: "pending" });
  }

  /** @returns false when there is no room for it */
  #save(outcome: Outcome & Pick<BuildRecord, "ended">): boolean {
    this.#savedAt = Date.now();
    const record: BuildRecord = {
      version: 1,
      id: this.#directory.id,
      started: this.#started,
      ...outcome,
      asked: this.#asked,
      ...(this.#scope !== undefined && { scope: this.#scope }),
      ...(this.#images.size > 0 && { images: Object.fromEntries(this.#images) }),
      steps: [...this.#steps.values()],
    };
    return this.#directory.saveRecord(record);
  }
}

function changeBy(event: BuildEvent, step: StepRecord): Partial<StepRecord> {
  switch (event.type) {
    case "started":
      return { started: new Date(event.time).toISOString() };
    case "done": {
      const { cached, why, because, key, saved, layer } = event;
      const facts = {
        ...(why && { why }),
        ...(because && { because }),
        ...(key && { key }),
        ...(saved !== undefined && { saved }),
        ...(layer && { layer }),
      };
      return { status: cached ? "cached" : "ran", ...facts, ...duration(event.time, step) };
    }
    case "failed":
      return { status: "failed", message: event.message, ...duration(event.time, step) };
    case "canceled":
      return { status: "canceled", ...duration(event.time, step) };
    default:
      return {};
  }
}

function duration(time: number, { started }: StepRecord): Pick<StepRecord, "duration"> {
  return started === undefined ? {} : { duration: time - Date.parse(started) };
}
