// The public API of tsbuild.

export { build, type BuildResult } from "./build.js";
export {
  checkDockerfile,
  type CheckResult,
  fixDockerfile,
  type FixResult,
  outlineDockerfile,
  targetsOfDockerfile,
} from "./check.js";
export type { CheckWarning, Fix, Outline, OutlineArg, OutlineMount, Target } from "./checks/index.js";
export {
  type CommandOptions,
  inspectImage,
  listImages,
  pullImage,
  pushImage,
  type RegistryCommandOptions,
  removeImage,
  runImage,
  type RunOptions,
  tagImage,
} from "./commands.js";
export {
  type ContextOptions,
  type ContextReport,
  describeBuildContext,
  explainContextPath,
  type PathReport,
} from "./context.js";
export { type DoctorOptions, examineMachine } from "./doctor.js";
export type { Finding } from "./executor/index.js";
export { rerunInNamespace } from "./namespace.js";
export { replayStep, type ReplayOptions } from "./replay.js";
export { openShell, type ShellOptions } from "./steps.js";
export type { FailedBuildStep } from "./options.js";
export { ERROR_CODES, type ErrorCode, TsbuildError } from "./errors.js";
export { CommandError, StepError, type StepFailure } from "./executor/index.js";
export type { ImageDetails, ImageSummary } from "./images/index.js";
export type { Descriptor, Digest, ImageConfig, Manifest } from "./oci/index.js";
export type { RunSettings, CgroupLimits } from "./executor/index.js";
export type { Entitlement, NetworkMode, RunMount } from "./planner/index.js";
export type { CacheExportOptions, CacheSource, CacheTarget } from "./shared-cache/index.js";
export type { SecretSource } from "./inputs/index.js";
export type { BuildOptions } from "./options.js";
export type { OutputSpec } from "./outputs/index.js";
export { DockerfileError, LINT_RULES, type RuleInfo, type SourceFile, type Span, suggest } from "./parser/index.js";
export type { BuildEvent, BuildFact, OnEvent } from "./progress.js";
export { parseDockerfileToJson } from "./parse-json.js";
export { version } from "./version.js";
