export * from "./context/index.js";
export type * from "./graph.js";
export type {
  DirectoryContext,
  Entitlement,
  NamedContext,
  PlanOptions,
  ResolveImage,
  ResolveSource,
} from "./options.js";
export { plan } from "./plan.js";
export { planPlatforms, type PlatformGraph } from "./plan-platforms.js";
export { readPlatform } from "./read-platform.js";
export { DEVICE_NAME } from "./run.js";
export { chainOf, inputsOf } from "./vertices.js";
