// A build from its options to its outputs, and what is done with a Dockerfile in the same way: checks, shells, locks, predictions.

export { build, type BuildResult } from "./build.js";
export {
  checkDockerfile,
  type CheckResult,
  fixDockerfile,
  type FixResult,
  outlineDockerfile,
  targetsOfDockerfile,
} from "./check.js";
export {
  type ContextOptions,
  type ContextReport,
  describeBuildContext,
  explainContextPath,
  type PathReport,
} from "./context.js";
export { type BuildPrediction, predictBuild, type PredictedStep } from "./predict.js";
export { lockSources, type LockOptions, type LockResult } from "./lock.js";
export { replayStep, type ReplayOptions } from "./replay.js";
export { openShell, type ShellOptions } from "./steps.js";
export type { FailedBuildStep } from "./options.js";
export type { BuildOptions } from "./options.js";
export { watchBuild, type WatchOptions } from "./watch.js";
