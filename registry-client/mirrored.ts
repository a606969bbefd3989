// Mirrors: places to read from before the registry itself is asked.

import type { Readable } from "node:stream";
import { type Descriptor, type ReadOptions } from "../oci/index.js";
import { TsbuildError } from "../errors.js";
import { Repository, type RepositoryOptions } from "./repository.js";

/** What a mirror cannot do is no failure: the next one is asked, and the registry last. */
const UNAVAILABLE = new Set(["blob_not_found", "registry_error", "registry_unreachable", "unauthorized"]);

/** A repository that is read from its mirrors. It is written, and asked what it has, itself. */
export class MirroredRepository extends Repository {
  readonly #mirrors: readonly Repository[];

  constructor(options: RepositoryOptions, mirrors: readonly Repository[]) {
    super(options);
    this.#mirrors = mirrors;
  }

  override async open(blob: Descriptor, options: ReadOptions = {}): Promise<Readable> {
    return (await this.#first((mirror) => mirror.open(blob, options))) ?? super.open(blob, options);
  }

  override async resolve(reference: string, options: ReadOptions = {}): Promise<Descriptor | undefined> {
    return (await this.#first((mirror) => mirror.resolve(reference, options))) ?? super.resolve(reference, options);
  }

  async #first<T>(read: (mirror: Repository) => Promise<T | undefined>): Promise<T | undefined> {
    for (const mirror of this.#mirrors) {
      const found = await read(mirror).catch(undefinedIfUnavailable);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function undefinedIfUnavailable(error: unknown): undefined {
  if (error instanceof TsbuildError && UNAVAILABLE.has(error.code)) return undefined;
  throw error;
}
