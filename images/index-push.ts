// Pushes an index with all its images: what a registry has is mounted there, the rest is copied.

import { TsbuildError } from "../errors.js";
import { copyImage, type Descriptor, formatReference, type ImageStore, type Reference } from "../oci/index.js";
import { type BuildFact, reportWork } from "../progress.js";
import { openDestination, parseTransport } from "../transports/index.js";
import { readIndex } from "./index-edit.js";
import { IndexBlobs, type IndexSource, sameRegistry } from "./index-source.js";

export interface PushIndexOptions {
  /** Another name to push to, or a place as `copy` has it. @default the name of the index */
  readonly to?: string;
  readonly emit: (fact: BuildFact) => void;
}

/** @throws image_not_found, bad_reference, usage when `name` is no index or has no images, output_failed, RegistryError */
export async function pushIndex(
  source: IndexSource,
  name: string,
  { to = name, emit }: PushIndexOptions,
): Promise<{ readonly name: string; readonly descriptor: Descriptor }> {
  const { store, places, signal } = source;
  const { descriptor, index } = await readIndex(store, name);
  if (index.manifests.length === 0) throw hasNoImages(name);
  const target = parseTransport(to);
  if (target.kind === "docker-archive") throw holdsOne(name, to);
  const blobs = new IndexBlobs(source);
  for (const manifest of index.manifests) await blobs.know(manifest);
  const said = target.kind === "registry" ? formatReference(target.reference) : to;
  return reportWork(emit, "push", `pushing ${said}`, async (report) => {
    const { place, tag, finish, close } = await openDestination(target, undefined, { ...places, store });
    try {
      await copyImage(descriptor, blobs, place, {
        tag,
        ...(target.kind === "registry" && { mount: (blob) => mounted(blob, blobs, place, target.reference) }),
        onProgress: (blob, current, total) => report.transfer(blob.digest, current, total),
        ...(signal && { signal }),
      });
      await finish();
    } finally {
      await close();
    }
    return { name: said, descriptor };
  });
}

function holdsOne(name: string, place: string): TsbuildError {
  return new TsbuildError("usage", `"${place}" holds one image, expected a place for all of the index "${name}"`, {
    hint: `Use oci-archive:FILE, or choose one image: tsbuild push --platform OS/ARCH ${name} ${place}.`,
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
