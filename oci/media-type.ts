// The media types of OCI images and their Docker twins.
// https://github.com/opencontainers/image-spec/blob/main/media-types.md

export const MediaType = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  layerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  layerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  empty: "application/vnd.oci.empty.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerManifestList: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar",
  dockerLayerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
} as const;

export type Compression = "none" | "gzip" | "zstd";

/** Whose names for the same things a manifest uses: all of one kind (S-175). */
export type Dialect = "oci" | "docker";

/** The media type of a layer; undefined when the dialect has no name for it: Docker's has none for zstd. */
export function layerType(compression: Compression, dialect: Dialect): string | undefined {
  const { layer, layerGzip, layerZstd, dockerLayer, dockerLayerGzip } = MediaType;
  const names = {
    oci: { none: layer, gzip: layerGzip, zstd: layerZstd },
    docker: { none: dockerLayer, gzip: dockerLayerGzip, zstd: undefined },
  };
  return names[dialect][compression];
}

export function isIndex(mediaType: string): boolean {
  return mediaType === MediaType.index || mediaType === MediaType.dockerManifestList;
}

export function isManifest(mediaType: string): boolean {
  return mediaType === MediaType.manifest || mediaType === MediaType.dockerManifest;
}

/** How a layer of this media type is compressed. */
export function compressionOf(mediaType: string): Compression {
  if (/[+.]gzip$/.test(mediaType)) return "gzip";
  if (/[+.]zstd$/.test(mediaType)) return "zstd";
  return "none";
}
