export { type ContextIndex, openContext, type OpenContextOptions } from "./context-index.js";
export { type ContextSummary, describeContext, type FolderSummary } from "./describe-context.js";
export { compilePattern, hasWildcard, matchPattern, splitPattern } from "./glob.js";
export { findIgnoreFile, parseExcludes, parseIgnore, readIgnoreFile } from "./ignore-file.js";
export { type IgnoreDecision, IgnoreMatcher, type IgnoreState } from "./ignore-matcher.js";
export { describeIgnored, type IgnoreLineSummary } from "./describe-ignored.js";
export { explainMissing } from "./explain-missing.js";
export { undefinedIfGone } from "./read-error.js";
export { scanContext } from "./scan.js";
