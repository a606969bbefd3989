// `manifest.json`: the images of an archive for `docker load`.
// https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format

import * as v from "valibot";
import type { Digest } from "../oci/index.js";
import { badArchive, blobName } from "./format.js";

/** Files by their names in the archive. */
export interface DockerImage {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  /** Lowest first. */
  readonly Layers: readonly string[];
}

const texts = v.pipe(
  v.nullish(v.array(v.string())),
  v.transform((list) => list ?? []),
);
const schema = v.pipe(
  v.array(v.object({ Config: v.string(), RepoTags: v.optional(texts), Layers: v.optional(texts) })),
  v.minLength(1),
);

/** @param where the archive, in words @throws bad_archive */
export function parseDockerManifest(bytes: Uint8Array, where: string): readonly DockerImage[] {
  const result = v.safeParse(schema, parseJson(bytes, where));
  if (result.success)
    return result.output.map(({ Config, RepoTags = [], Layers = [] }) => ({ Config, RepoTags, Layers }));
  throw badArchive(`expected a list of images in manifest.json of ${where}, found something else`);
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw badArchive(`expected JSON in manifest.json of ${where}, found something else: ${(error as Error).message}`);
  }
}

export interface SavedImage {
  readonly config: Digest;
  readonly names: readonly string[];
  /** Of the layers as the archive has them. */
  readonly layers: readonly Digest[];
}

export function dockerManifest(images: readonly SavedImage[]): string {
  return JSON.stringify(
    images.map(({ config, names, layers }): DockerImage => ({
      Config: blobName(config),
      RepoTags: names,
      Layers: layers.map(blobName),
    })),
  );
}
