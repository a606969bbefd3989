export { type Digest, hexOf, isDigest, parseDigest, sha256 } from "./digest.js";
export type { Descriptor } from "./descriptor.js";
export type { Platform } from "./platform.js";
export type { ContainerConfig, Healthcheck, History, ImageConfig } from "./image-config.js";
export type { Index, Manifest } from "./manifest.js";
export type { Reference } from "./reference.js";
export type { BlobStore, ImageStore } from "./blob-store.js";
export { compressionOf, type Compression, isIndex, isManifest, MediaType } from "./media-type.js";
