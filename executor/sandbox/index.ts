export { BuiltInRuntime } from "./built-in/runtime.js";
export * from "./runtime.js";
