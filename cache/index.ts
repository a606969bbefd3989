export { Facts } from "./facts.js";
export {
  errorCode,
  isReplaceable,
  makeDirectories,
  moveInto,
  stagedName,
  storeError,
  writeFileAtomic,
} from "./files.js";
export { folderError } from "./folder-error.js";
export { REF_NAME, type NamedImage } from "./images.js";
export { acquireLock, type Lock, tryLock } from "./lock.js";
export {
  blobOf,
  type CacheKey,
  type CacheRecord,
  type DownloadFact,
  isCacheRecord,
  isDescriptor,
  isDownloadFact,
  isLayerFact,
  type LayerFact,
  type RecordHead,
} from "./record.js";
export {
  BuildDirectory,
  buildIds,
  endOf,
  isRunning,
  readBuildLog,
  readBuildRecord,
  removeBuild,
} from "./build-directory.js";
export {
  type CacheMountDirectory,
  type CacheMountIdentity,
  cacheMountKey,
  cacheMounts,
  describeCacheMount,
} from "./cache-mount.js";
export { Layout } from "./layout.js";
export { expectLayout, imagesOfLayout } from "./layout-images.js";
export { cannotWrite, replaceFile, rewriteFile } from "./replace-file.js";
export { removeFact, type StoredFact, storedFact, storedFacts } from "./stored-facts.js";
export { type StagedFile, stageFile } from "./staged-file.js";
export { Store } from "./store.js";
export type { StorePaths } from "./paths.js";
export { oldestUser } from "./users.js";
export { lastUse, noteUse, type UseKind } from "./uses.js";
