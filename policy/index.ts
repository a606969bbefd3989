export {
  changesOf,
  isPinned,
  type LockChange,
  type Pin,
  pinOfImage,
  pinOfRepository,
  pinOfUrl,
  readLock,
  readRules,
  writeLock,
} from "./lock-file.js";
export type { Policy } from "./policy.js";
export { readPolicy } from "./read-policy.js";
export { located, SourceRules } from "./rules.js";
