export { explain, type ExplainOptions } from "./explain.js";
export { StepHistory } from "./history.js";
export { describeChanges } from "./layer-changes.js";
