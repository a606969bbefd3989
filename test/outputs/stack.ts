// Layers in a store of their own, for tests of what outputs make of them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Store, stagedName } from "../../cache/index.js";
import type { Layer } from "../../executor/index.js";
import { type LayerChange, type LayerIndex, packChanges } from "../../filesystem/index.js";
import { MediaType } from "../../oci/index.js";
import { ImageBlobs } from "../../outputs/image-blobs.js";
import { LayerContents } from "../../outputs/layers/contents.js";

export class Stack {
  readonly path = mkdtempSync(join(tmpdir(), "tsbuild-outputs-"));
  readonly store = Store.openAt(join(this.path, "home"));

  constructor() {
    onTestFinished(() => {
      this.store.close();
      rmSync(this.path, { recursive: true, force: true });
    });
  }

  /** A layer of the store, as steps leave them: uncompressed, with an index. */
  async layer(changes: readonly LayerChange[], contents: Readonly<Record<string, string>> = {}): Promise<Layer> {
    const output = stagedName(join(this.store.scratch(), "layer"));
    const contentOf = ({ path, size }: { path: string; size: number }) =>
      Buffer.from(contents[path] ?? "x".repeat(size));
    const index = await packChanges(changes, { contentOf, output });
    this.store.blobs.adopt(output, index.diffID);
    this.store.putLayerIndex(index);
    const blob = { mediaType: MediaType.layer, digest: index.diffID, size: index.size };
    return { diffID: index.diffID, content: index.content, blob };
  }

  contents(layers: readonly Layer[]): LayerContents {
    return new LayerContents(this.store, this.source(layers));
  }

  source(layers: readonly Layer[]): ImageBlobs {
    return new ImageBlobs(this.store, layers, async () => {
      throw new Error("nothing is elsewhere");
    });
  }

  index({ diffID }: Layer): LayerIndex {
    return this.store.layerIndex(diffID)!;
  }
}
