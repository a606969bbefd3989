// Where everything in the store is. The one place that computes a path in it.
// docs/formats.md describes the layout; a changed format gets a new version in its path, never a migration.

import { join } from "node:path";
import { type Digest, hexOf } from "../oci/index.js";

/** The store's version. A store with a higher one is refused. */
export const STORE_VERSION = 1;

export class StorePaths {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  get version(): string {
    return join(this.root, "tsbuild-store");
  }

  get layoutMarker(): string {
    return join(this.root, "oci-layout");
  }

  get imageIndex(): string {
    return join(this.root, "index.json");
  }

  get blobs(): string {
    return join(this.root, "blobs", "sha256");
  }

  blob(digest: Digest): string {
    return join(this.blobs, hexOf(digest));
  }

  get layerIndexes(): string {
    return join(this.root, "indexes", "v1");
  }

  layerIndex(diffID: Digest): string {
    return join(this.layerIndexes, hexOf(diffID));
  }

  get layers(): string {
    return join(this.root, "layers", "v1");
  }

  /** An unpacked layer, in the form of an overlayfs lower directory. */
  layer(diffID: Digest): string {
    return join(this.layers, hexOf(diffID));
  }

  /** Small facts by key: cache records, layers by content, compressed twins. */
  fact(table: string, key: string): string {
    return join(this.root, "records", table, key.slice(0, 2), key);
  }

  /** What is known of the files of one context directory. `key` is the digest of its path. */
  statIndex(key: string): string {
    return join(this.root, "contexts", "v1", key);
  }

  /** A cache mount: `data` and `lock` in it. */
  cacheMount(key: string): string {
    return join(this.root, "mounts", "v1", key);
  }

  /** A file for each time that the machine was on while the store was written to. */
  get journal(): string {
    return join(this.root, "journal");
  }

  get sources(): string {
    return join(this.root, "sources", "v1");
  }

  /** Files of a remote source, as they were fetched: of a commit, or out of an archive. */
  source(key: string): string {
    return join(this.sources, key);
  }

  /** Logs of builds. */
  get builds(): string {
    return join(this.root, "builds");
  }

  /** Held while the step with this key is run. */
  stepLock(key: string): string {
    return join(this.locks, "steps", key);
  }

  /** Held while the blob is brought from elsewhere. */
  blobLock(digest: Digest): string {
    return join(this.locks, "blobs", hexOf(digest));
  }

  /** Held by who removes something from the store; shared, for an instant, by who adds to it. */
  get contentLock(): string {
    return join(this.locks, "content");
  }

  /** A file for each process that uses the store. */
  get users(): string {
    return join(this.root, "users");
  }

  /** Says by its time when something was last used. */
  use(kind: string, name: string): string {
    return join(this.root, "uses", "v1", `${kind}-${name}`);
  }

  get locks(): string {
    return join(this.root, "locks");
  }

  get scratch(): string {
    return join(this.root, "tmp");
  }
}
