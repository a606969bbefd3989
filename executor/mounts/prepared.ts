// What the mounts of a RUN add to its sandbox, and what must be let go afterwards.

import type { MountPoint } from "../run/scaffold.js";
import type { SandboxMount } from "../sandbox/index.js";

export interface PreparedMount {
  readonly mounts: readonly SandboxMount[];
  /** Places in the root that must be there to mount on. */
  readonly points: readonly MountPoint[];
  /** `NAME=value` for this step only. */
  readonly env?: readonly string[];
  /** Lets go of locks and removes files. */
  readonly release?: () => void;
}

export const NOTHING: PreparedMount = { mounts: [], points: [] };
