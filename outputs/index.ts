export { assemble, describeConfig, type AssembledImage } from "./assemble.js";
export { type OutputSpec } from "./output.js";
export { writeOutput, type WriteOptions } from "./write.js";
