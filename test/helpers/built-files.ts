// The files of an image that a test built, from its layers.

import { indexLayer } from "../../filesystem/index.js";
import { validateLayout } from "./validate-image.js";

/** `644 0:0 2020-01-01T00:00:00Z text` by path, for files; content is what the topmost layer that has the file says. */
export async function builtFiles(layout: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const layer of validateLayout(layout).layers) {
    const { changes } = await indexLayer(oneChunk(layer));
    for (const change of changes) {
      if (change.type !== "file") continue;
      const { path, mode, uid, gid, mtime, offset = 0, size } = change;
      const time = new Date(mtime * 1000).toISOString().replace(".000", "");
      files[path] = `${mode.toString(8)} ${uid}:${gid} ${time} ${layer.subarray(offset, offset + size).toString()}`;
    }
  }
  return files;
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
