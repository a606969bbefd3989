export { compilePattern, hasWildcard, matchPattern, splitPattern } from "./glob.js";
export { findIgnoreFile, parseExcludes, parseIgnore, readIgnoreFile } from "./ignore-file.js";
export { type IgnoreDecision, IgnoreMatcher, type IgnoreState } from "./ignore-matcher.js";
