// Runs the command of a step in isolation, on any of several runtimes.

export { BuiltInRuntime } from "./built-in/runtime.js";
export { CommandError } from "./command-error.js";
export { type ChooseRuntimeOptions, chooseRuntime, findLauncher, findOciRuntimes } from "./detect.js";
export {
  type DnsSettings,
  type ExtraHost,
  type NetworkFiles,
  type NetworkFilesOptions,
  SANDBOX_HOSTNAME,
  hostsText,
  resolvConfText,
  writeNetworkFiles,
} from "./files.js";
export { OciRuntime } from "./oci/runtime.js";
export {
  availableCapabilities,
  CAPABILITIES,
  type Capability,
  DEFAULT_CAPABILITIES,
  type Resource,
  RESOURCES,
} from "./policy.js";
export type { IdMaps, IdRange, Privilege } from "./privilege.js";
export { groupsOf, readPrivilege } from "./privilege.js";
export { HOOKS } from "./runtime.js";
export type {
  ExitStatus,
  NetworkHolder,
  NetworkNamespace,
  ResourceLimit,
  SandboxHook,
  SeccompChoice,
  OverlayDirectories,
  SandboxMount,
  SandboxOptions,
  SandboxOverlay,
  SandboxRuntime,
  SandboxSpec,
  SignalSource,
  SnapshotterName,
} from "./runtime.js";
export { SNAPSHOTTERS } from "./runtime.js";
export { seccompDigest } from "./seccomp/index.js";
export { findProgram } from "./find-program.js";
export { type EnterOptions, runInNamespace, type Subordinate, subordinateIds } from "./user-namespace.js";
export { type Owner, type StepUser, type UserFiles, isNumericOwner, resolveOwner, resolveUser } from "./users.js";
