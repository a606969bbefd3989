// The public API of tsbuild.

export {
  type CacheMountSummary,
  exportCacheMounts,
  importCacheMounts,
  listCacheMounts,
  type ListCacheMountsOptions,
  type MoveCacheMountsOptions,
  type MovedCacheMount,
  removeCacheMounts,
} from "./commands/index.js";
export { build, type BuildResult } from "./build/index.js";
export {
  checkDockerfile,
  type CheckResult,
  fixDockerfile,
  type FixResult,
  outlineDockerfile,
  targetsOfDockerfile,
} from "./build/index.js";
export type { CheckWarning, Fix, Outline, OutlineArg, OutlineMount, Target } from "./checks/index.js";
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
  type CommandOptions,
  diffImages,
  imageHistory,
  inspectImage,
  listImages,
  type ListOptions,
  loadImages,
  type LookOptions,
  type PlatformOptions,
  pullAllTags,
  pullImage,
  pushAllTags,
  pushImage,
  readManifest,
  type PullAllCommandOptions,
  type PullCommandOptions,
  type PushCommandOptions,
  type PushedToPlace,
  type RegistryCommandOptions,
  removeImage,
  reportImage,
  type ReportOptions,
  runImage,
  type RunOptions,
  saveImages,
  tagImage,
} from "./commands/index.js";
export {
  type ContextOptions,
  type ContextReport,
  describeBuildContext,
  explainContextPath,
  type PathReport,
} from "./build/index.js";
export { type CopiedImage, copy, type CopyOptions } from "./commands/index.js";
export { type DoctorOptions, examineMachine } from "./commands/index.js";
export type { Finding } from "./executor/index.js";
export { type BuildPrediction, predictBuild, type PredictedStep } from "./build/index.js";
export {
  type DiskUsageOptions,
  measureStore,
  type PruneOptions,
  pruneStore,
  verifyCache,
  type VerifyCacheOptions,
} from "./commands/index.js";
export type {
  StoreFinding,
  VerifiedStore,
  Pruned,
  Unit,
  UnitKind,
  UnitType,
  Usage,
  UsageKind,
  UsageRow,
} from "./space/index.js";
export {
  explain,
  type ExplainBuildOptions,
  listBuilds,
  type ListBuildsOptions,
  type PastBuildOptions,
  readLogs,
  removePastBuild,
  type StepLog,
} from "./commands/index.js";
export type {
  BuildRecord,
  BuildRequest,
  BuildStatus,
  Cause,
  Explanation,
  StepExplanation,
  StepRecord,
} from "./history/index.js";
export { type Change, describeChange, type StepFileChange, type VariableChange } from "./executor/index.js";
export { lockSources, type LockOptions, type LockResult } from "./build/index.js";
export type { LockChange } from "./policy/index.js";
export { replayStep, type ReplayOptions } from "./build/index.js";
export {
  checkLogin,
  loggedInAs,
  login,
  type LoginOptions,
  logout,
  logoutOfAll,
  type UserPassword,
} from "./commands/index.js";
export type { RegistryOptions } from "./registry-options.js";
export { openShell, type ShellOptions } from "./build/index.js";
export type { FailedBuildStep } from "./build/index.js";
export { ERROR_CODES, type ErrorCode, TsbuildError } from "./errors.js";
export { CommandError, StepError, type StepFailure } from "./executor/index.js";
export type {
  ConfigChange,
  FileAspect,
  FileChange,
  HistoryEntry,
  ImageDetails,
  ImageDiff,
  ImageSummary,
  IndexedManifest,
  ListFilters,
  LoadedImage,
  PulledImage,
  PushedImage,
  Removal,
  RemoveOptions,
  SaveOptions,
} from "./images/index.js";
export type { Descriptor, Digest, ImageConfig, Manifest } from "./oci/index.js";
export type { RunSettings, CgroupLimits } from "./executor/index.js";
export type { Entitlement, NetworkMode, RunDevice, RunMount } from "./planner/index.js";
export type { CacheExportOptions, CacheSource, CacheTarget, MountsSource, MountsTarget } from "./shared-cache/index.js";
export type { SecretSource } from "./inputs/index.js";
export type { BuildOptions } from "./build/index.js";
export type { Annotation, AnnotationLevel, OutputSpec, Squash } from "./outputs/index.js";
export { DockerfileError, LINT_RULES, type RuleInfo, type SourceFile, type Span } from "./parser/index.js";
export type { BuildEvent, BuildFact, OnEvent } from "./progress.js";
export { parseDockerfileToJson } from "./commands/index.js";
export { version } from "./version.js";
export { signRemoteImage, type SigningOptions, verifyRemoteImage, type VerifyingOptions } from "./commands/index.js";
export type { VerifiedImage } from "./signing/index.js";
export { watchBuild, type WatchOptions } from "./build/index.js";
