// The overlay mount of a step's root.
// https://docs.kernel.org/filesystems/overlayfs.html

import { symlinkSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { TsbuildError } from "../../errors.js";
import type { SandboxOverlay, SandboxSpec } from "./runtime.js";

/** overlayfs's own limit. */
const MAX_LOWERS = 500;

export interface OverlayOptions {
  /** Marks are `user.overlay.*`, because `trusted.*` needs privilege in the initial user namespace. */
  readonly userxattr: boolean;
  /** @default the running kernel's */
  readonly kernel?: string;
}

export type OverlayDirectories = Pick<SandboxSpec | SandboxOverlay, "lowers" | "upper" | "work" | "scratch">;

/**
 * Gives the directories short names in `spec.scratch` and returns the mount's options, which are relative to it: the
 * kernel takes a page of options at most, and ":" or "," in a path would need escapes.
 * @throws limit_exceeded for more layers than overlayfs stacks
 */
export function prepareOverlay(spec: OverlayDirectories, options: OverlayOptions): string {
  const count = spec.lowers.length;
  if (count > MAX_LOWERS) {
    const hint = "Merge instructions, or start from an image with fewer layers.";
    throw new TsbuildError("limit_exceeded", `expected at most ${MAX_LOWERS} layers below a step, found ${count}`, {
      hint,
    });
  }
  spec.lowers.forEach((lower, index) => symlinkSync(lower, join(spec.scratch, String(index))));
  symlinkSync(spec.upper, join(spec.scratch, "upper"));
  symlinkSync(spec.work, join(spec.scratch, "work"));
  const lowerdir = Array.from(spec.lowers.keys()).join(":");
  const words = [`lowerdir=${lowerdir}`, "upperdir=upper", "workdir=work", "index=off"];
  words.push(...(options.userxattr ? ["userxattr"] : ["redirect_dir=off", "metacopy=off"])); // userxattr turns both off
  if (kernelIsAtLeast(5, options.userxattr ? 11 : 10, options.kernel)) words.push("volatile");
  return words.join(",");
}

/**
 * `volatile` makes sync a no-op: the upper directory outlives a crash of the machine only as a finished layer in the
 * store, and without it the kernel flushes the whole disk at every step's end.
 */
export function kernelIsAtLeast(major: number, minor: number, kernel: string = release()): boolean {
  const [first = 0, second = 0] = kernel.split(/[.-]/, 2).map(Number);
  return first > major || (first === major && second >= minor);
}
