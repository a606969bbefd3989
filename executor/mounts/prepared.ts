// What the mounts of a RUN add to its sandbox, and what must be let go afterwards.

import type { MountPoint } from "../run/scaffold.js";
import type { SandboxHook, SandboxMount } from "../sandbox/index.js";

export interface PreparedMount {
  readonly mounts: readonly SandboxMount[];
  /** Places in the root that must be there to mount on. */
  readonly points: readonly MountPoint[];
  /** `NAME=value` for this step only. */
  readonly env?: readonly string[];
  /** What the runtime runs around the step: an OCI runtime only. */
  readonly hooks?: readonly SandboxHook[];
  /** Supplementary groups beside those of the step's user. */
  readonly groups?: readonly number[];
  /** Lets go of locks and removes files. */
  readonly release?: () => void;
}

export const NOTHING: PreparedMount = { mounts: [], points: [] };
