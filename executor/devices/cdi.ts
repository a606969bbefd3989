// Devices by name, as files of the Container Device Interface describe them.
// https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md

import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import * as v from "valibot";
import { TsbuildError } from "../../errors.js";
import { HOOKS } from "../sandbox/index.js";

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

const hook = v.strictObject({
  hookName: v.picklist(HOOKS),
  path: v.string(),
  args: v.optional(v.array(v.string())),
  env: v.optional(v.array(v.string())),
  timeout: v.optional(v.number()),
});
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
  hooks: v.optional(v.array(hook), []),
  additionalGids: v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), []),
});
const spec = v.looseObject({
  kind: v.string(),
  devices: v.array(v.looseObject({ name: v.string(), containerEdits: v.optional(edits, {}) })),
  containerEdits: v.optional(edits, {}),
});

/** @throws bad_value for a file that is no specification */
export function readSpecs(directories: readonly string[]): Promise<CdiSpec[]> {
  const files = directories.flatMap((directory) => namesIn(directory).map((name) => join(directory, name)));
  return Promise.all(files.map(readSpec));
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

async function readSpec(path: string): Promise<CdiSpec> {
  try {
    return v.parse(spec, await parseText(readFileSync(path, "utf8"), extname(path)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : cause;
    throw new TsbuildError("bad_value", `the device specification "${path}" cannot be read: ${reason}`, {
      cause,
      hint: "Make it anew with the program that wrote it, such as nvidia-ctk cdi generate.",
    });
  }
}

/** The parser of YAML is loaded for YAML only. */
async function parseText(text: string, extension: string): Promise<unknown> {
  if (extension === ".json") return JSON.parse(text);
  const { parse } = await import("yaml");
  return parse(text);
}
