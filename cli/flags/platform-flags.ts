// The flags that say in parts, as Buildah has them, what the image is for.
// https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md

import { hostPlatform } from "../../internal.js";
import type { FlagValues } from "./flag-values.js";
import type { Flag } from "./flag.js";
import { usageError } from "./usage-error.js";

export const PLATFORM_FLAGS: readonly Flag[] = [
  {
    name: "all-platforms",
    kind: "bool",
    help: "build for all platforms that the base images have",
    details: "Those of stages with a platform of their own, such as $BUILDPLATFORM, do not count.",
  },
  { name: "os", kind: "string", value: "OS", help: "the system of --platform alone" },
  { name: "arch", kind: "string", value: "ARCH", help: "the architecture of --platform alone" },
  { name: "variant", kind: "string", value: "VARIANT", help: "the variant of --platform alone, such as v7" },
  {
    name: "os-version",
    kind: "string",
    value: "VERSION",
    help: "the version of the system that the image needs",
    details: "`os.version` of the config and of an index; that of the base image otherwise.",
  },
  {
    name: "os-feature",
    kind: "list",
    value: "FEATURE",
    help: "a feature of the system that the image needs; may be repeated",
    details: "Added to `os.features` of the base image; with a dash at its end, taken from them.",
  },
];

/** Platforms with commas between them; "" for that of the base image. @throws usage when they are given in both ways */
export function platformsOf(flags: FlagValues): string {
  if (flags.bool("all-platforms") && !flags.isOnLine("platform")) return "";
  const [os, arch, variant] = ["os", "arch", "variant"].map((name) => flags.text(name));
  if ([os, arch, variant].every((part) => part === undefined)) return flags.list("platform").join(",");
  if (flags.isOnLine("platform"))
    throw usageError(
      "--platform and --os, --arch or --variant exclude each other",
      "Write --platform OS/ARCH/VARIANT.",
    );
  const host = hostPlatform();
  return [os ?? host.os, arch ?? host.architecture, ...(variant === undefined ? [] : [variant])].join("/");
}
