export { findSnapshotter, type FoundSnapshotter } from "./choose.js";
export { type FilesMount, mountFiles, mountSnapshot, type SnapshotMount } from "./mount.js";
export { prepareRoot, type RootOptions, type StepRoot } from "./root.js";
