// A descriptor names a blob: what it is, how long, and its digest.
// https://github.com/opencontainers/image-spec/blob/main/descriptor.md

import type { Digest } from "./digest.js";
import type { Platform } from "./platform.js";

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes of the blob as it is stored. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
}
