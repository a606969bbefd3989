// The seccomp filter of a confined step, in the forms that runtimes take.

import { release } from "node:os";
import { type Capability, DEFAULT_CAPABILITIES } from "../policy.js";
import { compileFilter } from "./compile.js";
import type { SandboxSpec } from "../runtime.js";
import { compileOwnFilter } from "./compile-own.js";
import { ociArchitectures, type OciSeccomp, ociSeccomp } from "./oci-profile.js";
import { ociOwnProfile, type OwnConditions, readOwnProfile } from "./own-profile.js";
import { type Rule, applicableRules } from "./profile.js";
import { architecturesOf, syscallTable } from "./syscalls.js";

export type { OciSeccomp } from "./oci-profile.js";
export { seccompDigest } from "./own-profile.js";
export { ownerFilter } from "./owner-calls.js";

/** The part of a step that its filter depends on. */
export type Filtered = Pick<SandboxSpec, "confined" | "capabilities" | "seccomp">;

const filters = new Map<string, Buffer>();

/** The filter of a step as BPF: `struct sock_filter[]`, empty for none. @throws bad_value for an own profile that is none */
export function stepFilter({ confined, capabilities, seccomp }: Filtered): Uint8Array {
  if (!confined || seccomp === "unconfined") return new Uint8Array();
  return seccomp === undefined ? confinedFilter(capabilities) : ownFilter(seccomp.profile, capabilities);
}

/** The same for `linux.seccomp` of an OCI runtime's config.json; undefined for none. @throws bad_value */
export function stepProfile({ confined, capabilities, seccomp }: Filtered): OciSeccomp | undefined {
  if (!confined || seccomp === "unconfined") return undefined;
  if (seccomp === undefined) return confinedProfile(capabilities);
  const profile = readOwnProfile(seccomp.profile, conditions(capabilities));
  return ociOwnProfile(profile, ociArchitectures(architecturesOf(process.arch)));
}

/** Compiled for each step: the file may change between builds of one process. */
function ownFilter(path: string, capabilities?: readonly Capability[]): Uint8Array {
  return compileOwnFilter(
    readOwnProfile(path, conditions(capabilities)),
    architecturesOf(process.arch).map(syscallTable),
  );
}

const conditions = (capabilities: readonly Capability[] = DEFAULT_CAPABILITIES): OwnConditions => ({
  capabilities,
  kernel: kernelVersion(),
  architectures: architecturesOf(process.arch),
});

function kernelVersion(): [number, number] {
  const [major = 0, minor = 0] = release().split(".", 2).map(Number);
  return [major, minor];
}

/** Docker's default profile for this machine as BPF: `struct sock_filter[]`. Compiled once for each set of capabilities. */
export function confinedFilter(capabilities: readonly Capability[] = DEFAULT_CAPABILITIES): Uint8Array {
  const key = capabilities.join();
  const filter =
    filters.get(key) ?? compileFilter(confinedRules(capabilities), architecturesOf(process.arch).map(syscallTable));
  filters.set(key, filter);
  return filter;
}

/** The same for `linux.seccomp` of an OCI runtime's config.json. */
export const confinedProfile = (capabilities: readonly Capability[] = DEFAULT_CAPABILITIES): OciSeccomp =>
  ociSeccomp(confinedRules(capabilities), architecturesOf(process.arch));

function confinedRules(capabilities: readonly Capability[]): Rule[] {
  return applicableRules({ capabilities, kernel: kernelVersion() });
}
