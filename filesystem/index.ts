export type { Entry, EntryType, LayerChange, LayerIndex } from "./entry.js";
export { FileTree, type ResolveOptions } from "./file-tree.js";
export { compareNames, decodeName, encodeName, hostPath, isLossy, joinPath, nameOf, parentOf } from "./path-bytes.js";
