// Pushes an index with all its images: what a registry has is mounted there, the rest is copied.

import { TsbuildError } from "../errors.js";
import {
  copyImage,
  type Descriptor,
  formatReference,
  type ImageStore,
  parseReference,
  type Reference,
} from "../oci/index.js";
import { type BuildFact, reportWork } from "../progress.js";
import { readIndex } from "./index-edit.js";
import { IndexBlobs, type IndexSource, sameRegistry } from "./index-source.js";

export interface PushIndexOptions {
  /** Another name to push to. @default the name of the index */
  readonly to?: string;
  readonly emit: (fact: BuildFact) => void;
}

/** @throws image_not_found, usage when `name` is no index or has no images, RegistryError */
export async function pushIndex(
  source: IndexSource,
  name: string,
  { to = name, emit }: PushIndexOptions,
): Promise<{ readonly name: string; readonly descriptor: Descriptor }> {
  const { store, places, signal } = source;
  const { descriptor, index } = await readIndex(store, name);
  if (index.manifests.length === 0) throw hasNoImages(name);
  const target = parseReference(to);
  const blobs = new IndexBlobs(source);
  for (const manifest of index.manifests) await blobs.know(manifest);
  return reportWork(emit, "push", `pushing ${formatReference(target)}`, async (report) => {
    const repository = await places.openRepository(target);
    await copyImage(descriptor, blobs, repository, {
      ...(target.tag !== undefined && { tag: target.tag }),
      mount: (blob) => mounted(blob, blobs, repository, target),
      onProgress: (blob, current, total) => report.transfer(blob.digest, current, total),
      ...(signal && { signal }),
    });
    return { name: formatReference(target), descriptor };
  });
}

/** What cannot be run is not pushed. */
export function hasNoImages(name: string): TsbuildError {
  return new TsbuildError("usage", `the index "${name}" has no images, expected one at least`, {
    hint: `Add one: tsbuild manifest add ${name} IMAGE.`,
  });
}

async function mounted(
  blob: Descriptor,
  blobs: IndexBlobs,
  repository: ImageStore,
  target: Reference,
): Promise<boolean> {
  for (const from of sameRegistry(blobs.originsOf(blob), target)) if (await repository.mount?.(blob, from)) return true;
  return false;
}
