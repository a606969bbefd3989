// Image references: `registry/repository:tag@digest`, with Docker's defaults (S-199).
// https://pkg.go.dev/github.com/distribution/reference

import type { Digest } from "./digest.js";

export interface Reference {
  /** Host and port: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** Path in the registry: `library/alpine`. */
  readonly repository: string;
  /** Absent only when a digest is given. */
  readonly tag?: string;
  readonly digest?: Digest;
}
