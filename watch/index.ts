export { Changes, type ChangesOptions } from "./changes.js";
export { type BuildReads, type ReadDirectory, ReadFilter, readsOf } from "./reads.js";
