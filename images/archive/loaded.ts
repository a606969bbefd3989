// What was found in an archive.

import type { Descriptor, Digest } from "../../oci/index.js";

export interface LoadedImage {
  /** A manifest, or an index of several platforms. */
  readonly descriptor: Descriptor;
  /** The digest of the config; of an index, its own. */
  readonly imageId: Digest;
  /** `app:1` */
  readonly names: readonly string[];
}
