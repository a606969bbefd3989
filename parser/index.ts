// Dockerfile text to syntax tree.

export type * from "./ast.js";
export { DEFAULT_CHECK, parseCheck, type CheckOptions } from "./check.js";
export { DockerfileError, type DockerfileErrorOptions, mapAll, separate } from "./error.js";
export { expandHeredoc, expandWord, expandWords, type Expansion, type ListExpansion } from "./expand.js";
export type { Environment } from "./expander.js";
export type { Escape } from "./lines.js";
export { toJson, type Json } from "./json.js";
export { locate } from "./locate.js";
export { parse, parseTrigger, read, type ParseOptions, type Reading } from "./parse.js";
export { print } from "./print.js";
export type { SourceFile, Span } from "./source.js";
export { parseWord, type Literal, type Operator, type Variable, type WordOptions, type WordPart } from "./word.js";
export {
  checkOptions,
  copyIgnoredFile,
  lint,
  LINT_RULES,
  prefersLowerCase,
  selectFindings,
  type Finding,
  type LintOptions,
  type RuleInfo,
} from "./lint/index.js";
