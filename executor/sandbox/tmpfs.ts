// The mount options of a step's tmpfs.
// man 5 tmpfs

import type { SandboxMount } from "./runtime.js";

const DEFAULT_MODE = 0o1777;

export function tmpfsOptions({ size, mode = DEFAULT_MODE }: SandboxMount & { readonly type: "tmpfs" }): string {
  return `mode=${mode.toString(8)}${size === undefined ? "" : `,size=${size}`}`;
}
