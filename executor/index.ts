export type { Fetch, Secrets } from "./context.js";
export { execute, type ExecuteOptions, type Results, vertexKey } from "./execute.js";
export { predict, type Prediction } from "./predict.js";
export { type Layer, type Snapshot, unpackedNames } from "./layers/index.js";
export type { CacheMount, EarlierStep, LayerStep, SharedCache, SharedLayer, SharedMounts } from "./shared.js";
export type { FailedStep } from "./run/failed-step.js";
export { layersOf } from "./ops/image.js";
export { importCacheMount, type ImportCacheOptions } from "./mounts/import-cache.js";
export { ownership } from "./ownership.js";
export { diagnose, type Finding } from "./doctor/index.js";
export type { CgroupLimits } from "./cgroup/index.js";
export type { RunSettings } from "./run/settings.js";
export { runImage, type RunImageOptions, runSnapshot } from "./run-image.js";
export {
  chooseRuntime,
  CommandError,
  type SandboxRuntime,
  findLauncher,
  runInNamespace,
  type SignalSource,
  SNAPSHOTTERS,
  subordinateIds,
} from "./sandbox/index.js";
export {
  type Change,
  compareInputs,
  compareLayers,
  describeChange,
  type StepFileChange,
  type ImageMove,
  imageMove,
  ownDifferences,
  reasonOf,
  StepIndex,
  type StepPlace,
  type VariableChange,
} from "./why/index.js";
export { StepError, type StepFailure } from "./step-error.js";
