// Why a step was made, in the words of the `why:` line and of `tsbuild explain`.

import type { Because } from "../../progress.js";

export interface Reason {
  readonly why: string;
  readonly because: Because;
}

const SENTENCES = {
  "too-old": "its result is older than --cache-ttl",
  "other-cache": "its result came from a cache that this build does not read",
  lost: "its result was no longer in the store",
} as const;

/** Of a step beside the image, whose layer `mode=min` leaves out. */
export const NOT_SHARED: Reason = { because: "lost", why: "its result is not in the shared cache" };

/** @param because anything but a change, which is told by what changed */
export function reasonOf(because: Exclude<Because, "changed">): Reason {
  const isFlag = because !== "too-old" && because !== "other-cache" && because !== "lost";
  return { because, why: isFlag ? `the cache is not used (${because})` : SENTENCES[because] };
}
