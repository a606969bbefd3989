export { autoCache } from "./auto.js";
export { type BuildName, SharedCaches, type SharedCachesOptions } from "./caches.js";
export type {
  CacheExportOptions,
  CacheSource,
  CacheTarget,
  GithubCache,
  LocalCache,
  RegistryCache,
  S3Cache,
} from "./spec.js";
