// What software is in an image, and in what else its Dockerfile names: stages that it was made of, the build context.
// https://docs.docker.com/build/metadata/attestations/sbom/

import { open } from "node:fs/promises";
import { type Predicate, spdx } from "../attestations/index.js";
import type { BuildSession } from "./session.js";
import type { Layer, Results } from "../executor/index.js";
import type { BuildInputs } from "../inputs/index.js";
import { formatFamiliar, formatPlatform } from "../oci/index.js";
import { ImageBlobs, LayerContents, openFiles, type PlatformImage } from "../outputs/index.js";
import { type PackageFiles, readOsRelease, readPackages } from "../packages/index.js";
import { openContext, type PlatformGraph } from "../planner/index.js";
import { version } from "../version.js";

export interface Scanned {
  readonly graph: PlatformGraph;
  readonly results: Results;
  readonly inputs: Pick<BuildInputs, "context">;
}

/** Of the image first. Those of stages and of the context are called as BuildKit calls them. */
export async function sbomsOf(
  session: BuildSession,
  { platform, image }: PlatformImage,
  { graph, results, inputs }: Scanned,
): Promise<Predicate[]> {
  const [reference] = session.options.references;
  const name = `${reference ? formatFamiliar(reference) : "image"} (${formatPlatform(platform)})`;
  const created = session.options.epoch ?? image.config.created ?? new Date(0).toISOString();
  const { stages = [], context = false } = graph.scans ?? {};
  const said = [await sbomOf(await filesIn(image.layers, session), { name, created })];
  for (const { name: stage, vertex } of stages) {
    const result = results[vertex];
    const layers = result?.kind === "snapshot" ? result.snapshot.layers : [];
    const sbom = await sbomOf(await filesIn(layers, session), { name: `${name}, stage ${stage}`, created });
    said.push({ ...sbom, file: `sbom-${stage}.spdx.json` });
  }
  if (context) {
    const sbom = await sbomOf(await filesOfContext(inputs, session), { name: `${name}, build context`, created });
    said.push({ ...sbom, file: "sbom-context.spdx.json" });
  }
  return said;
}

async function sbomOf(
  files: PackageFiles,
  facts: { readonly name: string; readonly created: string },
): Promise<Predicate> {
  return spdx({ ...facts, packages: await readPackages(files), os: await readOsRelease(files), version });
}

function filesIn(layers: readonly Layer[], { options, store, places }: BuildSession): Promise<PackageFiles> {
  const blobs = new ImageBlobs(store, layers, places.openOrigin);
  return openFiles(layers, new LayerContents(store, blobs, options.signal));
}

async function filesOfContext({ context }: Scanned["inputs"], session: BuildSession): Promise<PackageFiles> {
  const { store, options } = session;
  const op = { kind: "context", name: "context", ...context } as const;
  const aborting = options.signal ? { signal: options.signal } : {};
  const index = await openContext(op, { statIndex: store.statIndex(context.directory), ...aborting });
  return {
    tree: index.tree,
    read: async (entry, { start, length } = { start: 0, length: entry.size }) => {
      const { path, offset } = index.contentOf(entry);
      const file = await open(path);
      try {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, offset + start);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
  };
}
