// A step for another architecture on a machine that has no emulator for it.
// https://docs.kernel.org/admin-guide/binfmt-misc.html

import { formatPlatform, hostPlatform, type Platform } from "../../oci/index.js";
import { CommandError } from "../sandbox/index.js";

/** Says so, where the kernel only said that it does not know the format of a program. */
export function explainForeign(error: unknown, platform: Platform | undefined): unknown {
  if (!(error instanceof CommandError) || error.errno !== "ENOEXEC" || !platform) return error;
  const host = hostPlatform();
  if (platform.architecture === host.architecture) return error;
  return new CommandError("ENOEXEC", {
    exitCode: error.exitCode,
    message: `this ${formatPlatform(host)} machine has no emulator for the programs of ${formatPlatform(platform)}`,
    hint: "Install one (apt-get install qemu-user-static binfmt-support), or begin the stage with FROM --platform=$BUILDPLATFORM.",
  });
}
