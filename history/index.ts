export { findBuild, pastBuilds } from "./builds.js";
export type { Cause } from "./causes.js";
export { explainBuild, type Explanation, type StepExplanation } from "./explain.js";
export type { BuildRecord, BuildRequest, BuildStatus, StepRecord } from "./record.js";
export { BuildRecorder } from "./recorder.js";
export { findStep, partsOf } from "./steps.js";
