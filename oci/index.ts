export { type Digest, hexOf, isDigest, parseDigest, sha256 } from "./digest.js";
export type { Descriptor } from "./descriptor.js";
export {
  formatPlatform,
  hostPlatform,
  LOCAL_PLATFORM,
  normalizePlatform,
  parseAskedPlatform,
  parsePlatform,
  type Platform,
  PLATFORM_WORDS,
} from "./platform.js";
export { matchPlatform, selectManifest } from "./platform-match.js";
export {
  type ContainerConfig,
  type Healthcheck,
  type History,
  type ImageConfig,
  parseImageConfig,
  platformOfConfig,
} from "./image-config.js";
export { type Index, type Manifest, parseIndex, parseManifest } from "./manifest.js";
export { referrerOf, subjectOf } from "./referrer.js";
export { formatFamiliar, formatReference, isTag, parseReference, type Reference } from "./reference.js";
export type { BlobStore, ImageStore, OpenOptions, PutOptions } from "./blob-store.js";
export {
  compressionOf,
  type Compression,
  type Dialect,
  isIndex,
  isManifest,
  layerType,
  MediaType,
} from "./media-type.js";
export { canonicalJson } from "./canonical-json.js";
export { chainIDs } from "./chain-id.js";
export { isTexts, LARGEST_JSON } from "./untrusted-json.js";
export { isSavable, type Savable } from "./savable.js";
export { giveBlock, takeBlock } from "./shared-block.js";
export { openVerifiedFile } from "./verified-file.js";
export { Digester, Verifier } from "./verify.js";
export { readBlob, type ReadOptions } from "./read.js";
export { type Image, readImage, type ReadImageOptions } from "./image.js";
export { gzip, GZIP_LEVEL, gzipMember, type GzipOptions } from "./compress.js";
export { compress, type CompressedForm, nameOfForm } from "./compressed-form.js";
export { hasProgram } from "./program.js";
export { decompress, type SaidOfLayer } from "./decompress.js";
export { beginningOf, compressionOfBytes, type Format, MAGIC_BYTES } from "./magic.js";
export { copyBlob, copyImage, type CopyImageOptions } from "./copy.js";
export { throwIfInterrupted } from "./interrupt.js";
