export {
  type Change,
  describeChanges,
  describeFile,
  describeOther,
  describeVariable,
  type FileChange,
  type OtherChange,
  type VariableChange,
} from "./change.js";
export { compareInputs, type CompareOptions } from "./compare.js";
export { StepHistory } from "./history.js";
export { compareLayers } from "./layer-changes.js";
