// Pushes an image: base layers are mounted from their repository where the registry allows it, all else is uploaded.

import { copyImage, type Descriptor, formatReference, type ImageStore, type Reference } from "../oci/index.js";
import type { WorkReporter } from "../progress.js";
import type { ImageBlobs } from "./image-blobs.js";

export interface Push {
  readonly manifest: Descriptor;
  readonly source: ImageBlobs;
  readonly tag: Reference;
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
  readonly report: WorkReporter;
  readonly signal?: AbortSignal;
}

export async function pushImage(push: Push): Promise<void> {
  const { manifest, source, tag, report, signal } = push;
  const repository = await push.openRepository(tag);
  await copyImage(manifest, source, repository, {
    ...(tag.tag !== undefined && { tag: tag.tag }),
    mount: async (blob) => mountBase(push, repository, blob),
    onProgress: (blob, current, total) => report.transfer(blob.digest, current, total),
    ...(signal && { signal }),
  });
  report.status(`pushing manifest for ${formatReference(tag)}@${manifest.digest}`);
}

/** True when the registry took the blob over from the repository of the base image, or of a shared cache. */
async function mountBase({ source, tag }: Push, repository: ImageStore, blob: Descriptor): Promise<boolean> {
  const origin = source.originOf(blob.digest);
  const from = origin && "reference" in origin ? origin.reference : undefined;
  if (from?.registry !== tag.registry || from.repository === tag.repository) return false;
  return (await repository.mount?.(blob, from.repository)) ?? false;
}
