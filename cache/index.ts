export { errorCode, makeDirectories, moveInto, stagedName, storeError, writeFileAtomic } from "./files.js";
export { REF_NAME, type NamedImage } from "./images.js";
export { acquireLock, type Lock, tryLock } from "./lock.js";
export { blobOf, type CacheKey, type CacheRecord, type DownloadFact, type LayerFact } from "./record.js";
export {
  BuildDirectory,
  buildIds,
  isRunning,
  readBuildLog,
  readBuildRecord,
  removeBuild,
} from "./build-directory.js";
export { Layout } from "./layout.js";
export { Store } from "./store.js";
