export { assemble, describeConfig, newLayers, type AssembledImage, type NewLayer } from "./assemble.js";
export { type OutputSpec } from "./output.js";
export { writeOutput, type WriteOptions } from "./write.js";
