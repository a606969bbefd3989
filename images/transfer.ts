// Pull and push: copies between a registry and the local store.

import type { Store } from "../cache/index.js";
import { layersOf } from "../executor/index.js";
import { imageNotFound } from "../inputs/index.js";
import {
  copyImage,
  type Descriptor,
  formatReference,
  type ImageStore,
  parsePlatform,
  parseReference,
  readBlob,
  readImage,
  type Reference,
} from "../oci/index.js";
import { writeOutput } from "../outputs/index.js";
import { type Places } from "../places.js";
import { type BuildFact, reportWork } from "../progress.js";
import { find } from "./list.js";

export interface TransferOptions {
  /** Of the images of an index. @default this machine's */
  readonly platform?: string;
  readonly signal?: AbortSignal;
  readonly emit: (fact: BuildFact) => void;
}

/** Copies an image of one platform into the store, with all its blobs. @throws image_not_found, RegistryError */
export async function pullImage(
  store: Store,
  places: Places,
  name: string,
  { platform, signal, emit }: TransferOptions,
): Promise<Descriptor> {
  const reference = parseReference(name);
  const options = { ...(platform !== undefined && { platform: parsePlatform(platform) }), ...(signal && { signal }) };
  return reportWork(emit, "pull", `pulling ${formatReference(reference)}`, async (report) => {
    const repository: ImageStore = await places.openRepository(reference);
    const root = await repository.resolve(reference.digest ?? reference.tag!);
    if (!root) throw imageNotFound(name);
    const { descriptor } = await readImage(repository, root, options);
    const onProgress = (blob: Descriptor, current: number, total: number) =>
      report.transfer(blob.digest, current, total);
    await copyImage(descriptor, repository, store, {
      tag: formatReference(reference),
      onProgress,
      ...(signal && { signal }),
    });
    return descriptor;
  });
}

/** Compresses what is not compressed yet, and uploads what the registry lacks. @throws image_not_found, RegistryError */
export async function pushImage(
  store: Store,
  places: Places,
  name: string,
  { signal, emit }: TransferOptions,
): Promise<Descriptor> {
  const { reference, descriptor } = find(store, name);
  const { manifest, config } = await readImage(store, descriptor);
  const configBytes = await readBlob(store, manifest.config);
  const image = { config, configBytes, configDescriptor: manifest.config, layers: layersOf(manifest.layers, config) };
  const tags: readonly Reference[] = [reference];
  const { os, architecture } = config;
  const platform = { os, architecture };
  return reportWork(emit, "push", `pushing ${formatReference(reference)}`, (report) =>
    writeOutput(
      [{ platform, image }],
      { type: "registry" },
      { ...places, store, tags, report, ...(signal && { signal }) },
    ),
  );
}
