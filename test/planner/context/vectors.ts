// Verdicts of moby's and Go's own matchers; fixtures/README.md says where they come from.

import { readFileSync } from "node:fs";

export interface IgnoreVector {
  /** The text of an ignore file. */
  readonly file: string;
  /** What moby's reader makes of it. */
  readonly patterns?: readonly string[] | null;
  /** What BuildKit's walk excludes, by path. */
  readonly excluded?: Readonly<Record<string, boolean>>;
  readonly error?: string;
}

export interface GlobVector {
  readonly pattern: string;
  readonly match?: Readonly<Record<string, boolean>>;
  readonly error?: string;
}

interface Vectors {
  readonly dockerignore: readonly IgnoreVector[];
  readonly dockerignoreRandom: readonly IgnoreVector[];
  readonly copyGlob: readonly GlobVector[];
}

const text = readFileSync(new URL("../../../fixtures/vectors.json", import.meta.url), "utf8");

export const vectors = JSON.parse(text) as Vectors;
