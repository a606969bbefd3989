export type * from "./ast.js";
export type { SourceFile, Span } from "./source.js";
