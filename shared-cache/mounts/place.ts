// Where contents of cache mounts are kept: a manifest in a registry or in an image layout, whose layers are packs.
// https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage

import { Readable } from "node:stream";
import { TsbuildError } from "../../errors.js";
import {
  type Descriptor,
  type ImageStore,
  type Manifest,
  MediaType,
  parseManifest,
  readBlob,
  sha256,
} from "../../oci/index.js";
import type { PlaceOptions } from "../place.js";
import { MOUNTS_TYPE, type MountsIndex, packBlob, parseMounts } from "./format.js";

export interface MountsPlace {
  /** `registry localhost:5000/app:mounts`, in messages. */
  readonly name: string;
  readonly scope: string;
  readonly tag: string;
  readonly open: () => Promise<ImageStore>;
}

/** @returns undefined when there is nothing @throws bad_manifest when there is something else */
export async function readMounts(place: MountsPlace, options: PlaceOptions): Promise<MountsIndex | undefined> {
  const store = await place.open();
  const root = await store.resolve(place.tag, options);
  if (!root) return undefined;
  const { config } = parseManifest(await readBlob(store, root, options));
  if (config.mediaType === MOUNTS_TYPE) return parseMounts(await readBlob(store, config, options), place.scope);
  throw new TsbuildError("bad_manifest", `expected cache mounts, found a manifest of "${config.mediaType}"`, {
    hint: "Keep cache mounts under a name of their own.",
  });
}

/** The packs must be there before. */
export async function writeMounts(place: MountsPlace, index: MountsIndex): Promise<void> {
  const store = await place.open();
  const bytes = Buffer.from(JSON.stringify(index));
  const config = describe(MOUNTS_TYPE, bytes);
  if (!(await store.has(config))) await store.put(config, Readable.from([bytes]));
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config,
    layers: index.packs.map(packBlob),
  };
  const content = Buffer.from(JSON.stringify(manifest));
  await store.putManifest(describe(MediaType.manifest, content), content, place.tag);
}

function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}
