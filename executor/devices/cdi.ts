// Devices by name, as files of the Container Device Interface describe them.
// https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md

import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import * as v from "valibot";
import { TsbuildError } from "../../errors.js";

/** What a device asks for. */
export type ContainerEdits = v.InferOutput<typeof edits>;

export interface CdiSpec {
  /** `vendor.com/class` */
  readonly kind: string;
  readonly devices: readonly { readonly name: string; readonly containerEdits: ContainerEdits }[];
  /** For any of its devices. */
  readonly containerEdits: ContainerEdits;
}

/** A later directory has precedence over an earlier one. */
export const CDI_DIRECTORIES = ["/etc/cdi", "/var/run/cdi"];

const edits = v.looseObject({
  env: v.optional(v.array(v.string()), []),
  deviceNodes: v.optional(
    v.array(v.looseObject({ path: v.string(), hostPath: v.optional(v.string()), permissions: v.optional(v.string()) })),
    [],
  ),
  mounts: v.optional(
    v.array(
      v.looseObject({ hostPath: v.string(), containerPath: v.string(), options: v.optional(v.array(v.string()), []) }),
    ),
    [],
  ),
});
const spec = v.looseObject({
  kind: v.string(),
  devices: v.array(v.looseObject({ name: v.string(), containerEdits: v.optional(edits, {}) })),
  containerEdits: v.optional(edits, {}),
});

/** @throws bad_value for a file that is no specification, unsupported for one that is not JSON */
export function readSpecs(directories: readonly string[]): CdiSpec[] {
  return directories.flatMap((directory) => namesIn(directory).map((name) => readSpec(join(directory, name))));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => [".json", ".yaml", ".yml"].includes(extname(name)))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readSpec(path: string): CdiSpec {
  if (extname(path) !== ".json") {
    throw new TsbuildError("unsupported", `the device specification "${path}" is not JSON`, {
      hint: "Write it as JSON, for example with nvidia-ctk cdi generate --format=json.",
    });
  }
  try {
    return v.parse(spec, JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new TsbuildError(
      "bad_value",
      `the device specification "${path}" cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}
