// The cache inside an image: a field of its config says which key each of its layers has.
// https://github.com/opencontainers/image-spec/blob/main/config.md#properties (further fields are ignored by readers)

import { TsbuildError } from "../errors.js";
import { type ImageConfig, type Manifest, parseImageConfig } from "../oci/index.js";
import { refuseBuildkitInline } from "./buildkit.js";
import { type CacheGroup, type CacheIndex, encodeIndex, parseIndex } from "./format.js";

/** The field of the config. */
const FIELD = "tsbuild.cache.v1";

/** The config with the records in it: positions are those of the image's layers. */
export function withInline(config: ImageConfig, group: CacheGroup): ImageConfig {
  const index: CacheIndex = { version: 1, scope: "", groups: [group], layers: [] };
  return { ...config, [FIELD]: JSON.parse(encodeIndex(index, false).toString()) } as ImageConfig;
}

/** @throws bad_manifest when the image has none */
export function readInline(manifest: Manifest, bytes: Uint8Array, name: string): CacheIndex {
  const config = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  const field = config[FIELD];
  if (field === undefined) refuseBuildkitInline(config);
  if (field === undefined)
    throw new TsbuildError("bad_manifest", `the image at ${name} has no inline cache`, {
      hint: "Build it with --cache-to type=inline, or name a cache of type=registry.",
    });
  const layers = manifest.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  const index = parseIndex(Buffer.from(JSON.stringify(field)), layers);
  const { diff_ids } = parseImageConfig(bytes).rootfs;
  const isTrue = ({ layer, diffID }: CacheGroup["records"][number]) =>
    layer === undefined || diff_ids[layer] === diffID;
  return {
    ...index,
    groups: index.groups.map((group) => ({ ...group, records: group.records.filter(isTrue) })),
  };
}
