// The seccomp filter of a confined step, in the forms that runtimes take.

import { release } from "node:os";
import { type Capability, DEFAULT_CAPABILITIES } from "../policy.js";
import { compileFilter } from "./compile.js";
import { type OciSeccomp, ociSeccomp } from "./oci-profile.js";
import { type Rule, applicableRules } from "./profile.js";
import { architecturesOf, syscallTable } from "./syscalls.js";

export type { OciSeccomp } from "./oci-profile.js";
export { ownerFilter } from "./owner-calls.js";

const filters = new Map<string, Buffer>();

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
  const [major = 0, minor = 0] = release().split(".", 2).map(Number);
  return applicableRules({ capabilities, kernel: [major, minor] });
}
