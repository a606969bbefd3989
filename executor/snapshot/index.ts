export { findSnapshotter, type FoundSnapshotter } from "./choose.js";
export { mountSnapshot, type SnapshotMount } from "./mount.js";
export { prepareRoot, type RootOptions, type StepRoot } from "./root.js";
