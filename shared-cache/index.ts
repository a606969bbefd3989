export { autoCache } from "./auto.js";
export { expectOwnNames } from "./own-names.js";
export { type BuildName, SharedCaches, type SharedCachesOptions } from "./caches.js";
export { type KnownSteps, type KnownStepsOptions, readKnownSteps } from "./known-steps.js";
export { CacheMounts } from "./mounts/mounts.js";
export { listSaved, measureMount, openSaved, saveMountTo, type SavedMounts } from "./mounts/saved.js";
export type {
  CacheExportOptions,
  CacheSource,
  CacheTarget,
  GithubCache,
  LocalCache,
  MountsSource,
  MountsTarget,
  RegistryCache,
  S3Cache,
} from "./spec.js";
