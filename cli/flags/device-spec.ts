// `--device vendor.com/class=name` and `--device /dev/fuse`: devices of every RUN step.
// https://docs.podman.io/en/latest/markdown/podman-build.1.html

import type { BuildOptions } from "../../index.js";
import { DEVICE_NAME } from "../../internal.js";
import { usageError } from "./usage-error.js";

const NODE = /^\/[^:]+(?::\/[^:]+)?(?::[rwm]{1,3})?$/;

/** @throws usage */
export function parseDevice(text: string): NonNullable<BuildOptions["devices"]>[number] {
  if (DEVICE_NAME.test(text) || NODE.test(text)) return { name: text, required: true };
  throw usageError(
    `invalid argument "${text}" for "--device" flag: expected a device`,
    "Write its CDI name (vendor.com/class=name) or its node (/dev/NAME[:/dev/TARGET][:rwm]).",
  );
}
