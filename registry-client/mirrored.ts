// Mirrors: places to read from before the registry itself is asked.

import type { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import { type Descriptor, isDigest, type ReadOptions } from "../oci/index.js";
import { Repository, type RepositoryOptions } from "./repository.js";
import type { MirrorPlace } from "./routes.js";

/** What a mirror cannot do is no failure: the next one is asked, and the registry last. */
const UNAVAILABLE = new Set(["blob_not_found", "registry_error", "registry_unreachable", "unauthorized"]);

export interface Mirror {
  readonly place: Repository;
  /** What is asked of it. Default: everything. */
  readonly pull?: MirrorPlace["pull"];
}

/** A repository that is read from its mirrors. It is written, and asked what it has, itself. */
export class MirroredRepository extends Repository {
  readonly #mirrors: readonly Mirror[];
  /** Mirrors of tags that a tag was found in: they have what it names. */
  readonly #found = new Set<Mirror>();

  constructor(options: RepositoryOptions, mirrors: readonly Mirror[]) {
    super(options);
    this.#mirrors = mirrors;
  }

  /** Which mirror has it shows only when it is opened. */
  override expect(): void {}

  override async open(blob: Descriptor, options: ReadOptions = {}): Promise<Readable> {
    const mirrors = this.#mirrors.filter((mirror) => mirror.pull !== "tag-only" || this.#found.has(mirror));
    return (await first(mirrors, ({ place }) => place.open(blob, options))) ?? super.open(blob, options);
  }

  override async resolve(reference: string, options: ReadOptions = {}): Promise<Descriptor | undefined> {
    const unfit = isDigest(reference) ? "tag-only" : "digest-only";
    const mirrors = this.#mirrors.filter(({ pull }) => pull !== unfit);
    const found = await first(mirrors, async (mirror) => {
      const manifest = await mirror.place.resolve(reference, options);
      if (manifest !== undefined) this.#found.add(mirror);
      return manifest;
    });
    return found ?? super.resolve(reference, options);
  }
}

async function first<T>(
  mirrors: readonly Mirror[],
  read: (mirror: Mirror) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const mirror of mirrors) {
    const found = await read(mirror).catch(undefinedIfUnavailable);
    if (found !== undefined) return found;
  }
  return undefined;
}

function undefinedIfUnavailable(error: unknown): undefined {
  if (error instanceof TsbuildError && UNAVAILABLE.has(error.code)) return undefined;
  throw error;
}
