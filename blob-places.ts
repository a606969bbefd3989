// Remembers in the store which repositories have which blobs, so that one registry is not sent twice what it has. docs/formats.md

import { Facts, type Store } from "./cache/index.js";
import { TsbuildError } from "./errors.js";
import { type Descriptor, type Digest, isTexts, sha256 } from "./oci/index.js";
import type { BlobPlaces } from "./registry-client/index.js";

/** Blobs by the repository that has them; what was seen last is last. */
type Seen = Readonly<Record<string, readonly Digest[]>>;

/** Of one registry; the oldest go first. */
const MOST_REPOSITORIES = 100;
const MOST_BLOBS = 500;

export class StoredBlobPlaces implements BlobPlaces {
  readonly #facts: Facts<Seen>;
  /** By registry, what was known when it was asked first. */
  readonly #known = new Map<string, ReadonlyMap<Digest, readonly string[]>>();
  /** By registry and repository, what was seen since. */
  readonly #seen = new Map<string, Map<string, Set<Digest>>>();

  constructor({ paths }: Pick<Store, "paths">) {
    this.#facts = new Facts(paths, "places2", isSeen);
  }

  find({ digest }: Descriptor, registry: string): readonly string[] {
    const known = this.#known.get(registry) ?? byBlob(this.#read(registry));
    this.#known.set(registry, known);
    const now = [...(this.#seen.get(registry) ?? [])].filter(([, blobs]) => blobs.has(digest)).map(([name]) => name);
    return [...now, ...(known.get(digest) ?? [])];
  }

  note({ digest }: Descriptor, registry: string, repository: string): void {
    const repositories = this.#seen.get(registry) ?? new Map<string, Set<Digest>>();
    const blobs = repositories.get(repository) ?? new Set();
    this.#seen.set(registry, repositories.set(repository, blobs.add(digest)));
  }

  /** Writes what was seen. Whoever does so at the same instant may be forgotten: then something is sent that need not be. */
  save(): void {
    for (const [registry, repositories] of this.#seen) this.#merge(registry, repositories);
    this.#seen.clear();
  }

  #merge(registry: string, repositories: ReadonlyMap<string, ReadonlySet<Digest>>): void {
    const before = this.#read(registry);
    const isKnown = ([name, blobs]: readonly [string, ReadonlySet<Digest>]) => isSubset(blobs, new Set(before[name]));
    if ([...repositories].every(isKnown)) return;
    const merged = new Map(Object.entries(before));
    for (const [name, blobs] of repositories) {
      const older = (merged.get(name) ?? []).filter((digest) => !blobs.has(digest));
      merged.delete(name); // the latest is last
      merged.set(name, [...older, ...blobs].slice(-MOST_BLOBS));
    }
    try {
      this.#facts.put(keyOf(registry), Object.fromEntries([...merged].slice(-MOST_REPOSITORIES)));
    } catch (error) {
      if (!(error instanceof TsbuildError)) throw error; // a store that cannot be written remembers nothing
    }
  }

  #read(registry: string): Seen {
    return this.#facts.get(keyOf(registry)) ?? {};
  }
}

function keyOf(registry: string): string {
  return sha256(registry).slice("sha256:".length);
}

/** The latest repository first. */
function byBlob(seen: Seen): Map<Digest, string[]> {
  const places = new Map<Digest, string[]>();
  for (const [name, blobs] of Object.entries(seen).reverse())
    for (const digest of blobs) places.set(digest, [...(places.get(digest) ?? []), name]);
  return places;
}

function isSubset<Value>(values: ReadonlySet<Value>, others: ReadonlySet<Value>): boolean {
  return [...values].every((value) => others.has(value));
}

function isSeen(value: unknown): value is Seen {
  return typeof value === "object" && value !== null && Object.values(value).every(isTexts);
}
