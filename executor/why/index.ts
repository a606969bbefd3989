export {
  type Change,
  describeChange,
  describeChanges,
  describeFile,
  type StepFileChange,
  type OtherChange,
  type VariableChange,
} from "./change.js";
export { compareInputs, type CompareOptions, ownDifferences } from "./compare.js";
export { type ImageMove, imageMove, nameOfImage } from "./bases.js";
export { StepHistory } from "./history.js";
export { compareLayers } from "./layer-changes.js";
export type { MountedRoots } from "./compare-mounts.js";
export { type Listing, type Miss, missOf, whyMade } from "./miss.js";
export { type Reason, reasonOf } from "./reason.js";
export { StepIndex, type StepPlace } from "./step-index.js";
