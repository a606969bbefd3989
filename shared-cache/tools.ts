// What reading and writing caches takes of a build.

import type { Store } from "../cache/index.js";
import type { Layer } from "../executor/index.js";
import type { BlobStore } from "../oci/index.js";
import type { ImageOrigin } from "../planner/index.js";
import type { BuildFact } from "../progress.js";
import type { CacheImports } from "./imports.js";

export interface ExportTools {
  readonly store: Store;
  readonly imports: CacheImports;
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  /** Looks into a layer before it leaves. @throws secret_leaked */
  readonly inspect?: (layer: Layer) => Promise<void>;
  /** Waits for others who send the same layers, so that each is compressed and sent once. */
  readonly beforeSending?: () => Promise<void>;
  readonly emit: (fact: BuildFact) => void;
  readonly signal: AbortSignal;
}
