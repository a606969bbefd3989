// The seccomp filter of a confined step, in the forms that runtimes take.

import { release } from "node:os";
import { DEFAULT_CAPABILITIES } from "../policy.js";
import { compileFilter } from "./compile.js";
import { type OciSeccomp, ociSeccomp } from "./oci-profile.js";
import { type Rule, applicableRules } from "./profile.js";
import { architecturesOf, syscallTable } from "./syscalls.js";

export type { OciSeccomp } from "./oci-profile.js";

let filter: Buffer | undefined;

/** Docker's default profile for this machine as BPF: `struct sock_filter[]`. Compiled once. */
export function confinedFilter(): Uint8Array {
  filter ??= compileFilter(confinedRules(), architecturesOf(process.arch).map(syscallTable));
  return filter;
}

/** The same for `linux.seccomp` of an OCI runtime's config.json. */
export const confinedProfile = (): OciSeccomp => ociSeccomp(confinedRules(), architecturesOf(process.arch));

function confinedRules(): Rule[] {
  const [major = 0, minor = 0] = release().split(".", 2).map(Number);
  return applicableRules({ capabilities: DEFAULT_CAPABILITIES, kernel: [major, minor] });
}
