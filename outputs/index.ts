export { assemble, describeConfig, newLayers, type AssembledImage, type NewLayer } from "./assemble.js";
export type { PlatformImage } from "./platforms.js";
export { type OutputSpec } from "./output.js";
export { ImageBlobs } from "./image-blobs.js";
export { type BlobForm, layerBlobs } from "./layer-blobs.js";
export { writeOutput, type WriteOptions } from "./write.js";
