export {
  type CacheMountSummary,
  exportCacheMounts,
  importCacheMounts,
  listCacheMounts,
  type ListCacheMountsOptions,
  type MoveCacheMountsOptions,
  type MovedCacheMount,
  removeCacheMounts,
} from "./cache-mounts.js";
export { loadImages, saveImages } from "./archives.js";
export {
  diffImages,
  imageHistory,
  inspectImage,
  listImages,
  type ListOptions,
  type LookOptions,
  type PlatformOptions,
  readManifest,
  removeImage,
  tagImage,
} from "./images.js";
export {
  addToManifest,
  annotateManifest,
  annotateWholeManifest,
  createManifest,
  inspectManifest,
  manifestExists,
  type ManifestOptions,
  pushManifest,
  removeFromManifest,
  removeManifest,
} from "./manifests.js";
export { reportImage, type ReportOptions } from "./report.js";
export { runImage, type RunOptions } from "./run.js";
export {
  type PullAllCommandOptions,
  pullAllTags,
  type PullCommandOptions,
  pullImage,
  pushAllTags,
  type PushCommandOptions,
  type PushedToPlace,
  pushImage,
  type RegistryCommandOptions,
} from "./transfer.js";
export { hasStore } from "./existing-store.js";
export type { CommandOptions } from "./with-store.js";
export { type CopiedImage, copy, type CopyOptions, registryOfTransport } from "./copy.js";
export {
  type DiskUsageOptions,
  measureStore,
  type PruneOptions,
  pruneStore,
  verifyCache,
  type VerifyCacheOptions,
} from "./disk-space.js";
export { type DoctorOptions, examineMachine } from "./doctor.js";
export { rerunInNamespace } from "./namespace.js";
export { parseDockerfileToJson } from "./parse-json.js";
export {
  explain,
  type ExplainBuildOptions,
  listBuilds,
  type ListBuildsOptions,
  type PastBuildOptions,
  readLogs,
  removePastBuild,
  type StepLog,
} from "./past-builds.js";
export {
  checkLogin,
  loggedInAs,
  login,
  type LoginOptions,
  logout,
  logoutOfAll,
  registryOfImage,
  type UserPassword,
} from "./login.js";
export { signRemoteImage, type SigningOptions, verifyRemoteImage, type VerifyingOptions } from "./sign.js";
