// Whether steps can be run at all.

import { readFileSync } from "node:fs";
import { TsbuildError } from "../../errors.js";
import { chooseRuntime, type Privilege, type SandboxRuntime } from "../sandbox/index.js";
import type { Finding } from "./finding.js";

/** The runtime that steps would have, and why it does not work. */
export interface FoundRuntime {
  readonly runtime?: SandboxRuntime;
  readonly complaint?: string | undefined;
  readonly hint?: string | undefined;
}

export async function findRuntime(): Promise<FoundRuntime> {
  try {
    const runtime = await chooseRuntime();
    return { runtime, complaint: await runtime.probe() };
  } catch (error) {
    if (error instanceof TsbuildError) return { complaint: error.message, hint: error.hint };
    throw error;
  }
}

const WHO: { readonly [Kind in Privilege["kind"]]: string } = {
  root: "this process is root of the machine",
  namespace: "this process is root of a user namespace",
  user: "this process is an ordinary user: each step has a user namespace",
};

const CONTAINED = "this process is root without CAP_SYS_ADMIN: each step has a user namespace";

export function stepsOf({ runtime, complaint, hint }: FoundRuntime, privilege: Privilege): Finding {
  const reason = privilege.kind === "user" && privilege.uid === 0 ? CONTAINED : WHO[privilege.kind];
  if (runtime && complaint === undefined)
    return { subject: "steps", ok: true, state: `can be run (${runtime.name})`, reason };
  return {
    subject: "steps",
    ok: false,
    state: "cannot be run",
    reason: `${complaint}; ${reason}`,
    hint: runtime ? namespaceHint(privilege) : (hint ?? namespaceHint(privilege)),
  };
}

/** Settings that forbid user namespaces to ordinary users: what they forbid with, and what allows. */
const SETTINGS = [
  ["/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=15000"],
  ["/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"],
  ["/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"],
] as const;

function namespaceHint(privilege: Privilege): string {
  if (privilege.kind !== "user") return "Give this process CAP_SYS_ADMIN, for example with docker run --privileged.";
  const found = SETTINGS.find(([path, forbids]) => textOf(path) === forbids);
  if (found) return `Allow user namespaces, as root: sysctl -w ${found[2]}.`;
  if (/^Seccomp:\s*2/m.test(textOf("/proc/self/status")))
    return "Let the container make namespaces: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined.";
  return "Let the container see all of /proc, for example with docker run --security-opt systempaths=unconfined.";
}

/** "" where the kernel has no such file. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
