// The root filesystems that a step stood on then and now.

import type { Digest } from "../../oci/index.js";
import type { Change } from "./change.js";

export interface RootOptions {
  /** `[builder 2/5] COPY . .`: the step of this build that a layer is of, by its content digest. */
  readonly madeBy: (content: Digest) => string | undefined;
}

/** The lowest layer that is another one; a layer that no step of this build made is the base image's. */
export function rootChange(then: readonly string[], now: readonly string[], { madeBy }: RootOptions): Change {
  const position = now.findIndex((content, index) => content !== then[index]);
  if (position < 0) return { kind: "gone" };
  const step = madeBy(now[position] as Digest);
  if (step !== undefined) return { kind: "follows", step };
  const from = then[position] as Digest | undefined;
  return { kind: "base", ...(from !== undefined && { from }), to: now[position] as Digest };
}
