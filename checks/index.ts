export { buildWarnings } from "./build-warnings.js";
export { type Fix, type FixedText, fixText } from "./fix/fix.js";
export { KnownImages } from "./known-images.js";
export type { OutlineMount } from "./outline/mounts.js";
export { type Outline, outlineOf } from "./outline/outline.js";
export type { OutlineArg } from "./outline/stages.js";
export { planAll } from "./plan-all.js";
export { listTargets, type Target } from "./targets.js";
export { checkFailure, checkOf, type CheckWarning, findWarnings, type WarningOptions } from "./warnings.js";
