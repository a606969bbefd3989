// What this machine gives to steps, why, and the one change that would give more.

import { readPrivilege } from "../sandbox/index.js";
import type { Finding } from "./finding.js";
import { limitsOf } from "./limits.js";
import { networkOf, runtimesOf } from "./programs.js";
import { ownersOf } from "./owners.js";
import { snapshotsOf } from "./snapshots.js";
import { findRuntime, stepsOf } from "./steps.js";

export type { Finding } from "./finding.js";

export interface DiagnoseOptions {
  /** A directory on the filesystem of the store. */
  readonly directory: string;
  /** Whether this process was started anew in a user namespace. @default false */
  readonly inNamespace?: boolean;
  /** Why it was not, although the user has ids for one. */
  readonly refused?: string | undefined;
}

/** The first that is not ok has the change that matters most. */
export async function diagnose({ directory, inNamespace = false, refused }: DiagnoseOptions): Promise<Finding[]> {
  const privilege = readPrivilege();
  const found = await findRuntime();
  return [
    stepsOf(found, privilege),
    ownersOf(privilege, { inNamespace, refused }),
    await snapshotsOf(found, privilege, directory),
    runtimesOf(),
    await networkOf(directory),
    await limitsOf(),
  ];
}
