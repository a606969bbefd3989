// Dockerfile text to syntax tree.

export type * from "./ast.js";
export { DockerfileError, type DockerfileErrorOptions } from "./error.js";
export type { SourceFile, Span } from "./source.js";
export { didYouMean, suggest } from "./suggest.js";
