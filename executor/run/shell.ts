// The shell that a person gets.

import { TsbuildError } from "../../errors.js";
import type { FileTree } from "../../filesystem/index.js";

const SHELLS = ["bin/bash", "bin/sh", "usr/bin/bash", "usr/bin/sh", "bin/busybox"];

/** @throws command_not_found when the image has none */
export function shellArgs(tree: FileTree): readonly string[] {
  const found = SHELLS.find((path) => tree.stat(path)?.type === "file");
  if (found === undefined) {
    throw new TsbuildError("command_not_found", "the root filesystem has no shell", {
      hint: "Choose a step whose image has /bin/sh.",
    });
  }
  return found === "bin/busybox" ? ["/bin/busybox", "sh"] : [`/${found}`];
}
