// `-o type=oci,dest=app.tar`: where a build's image goes.
// https://docs.docker.com/reference/cli/docker/buildx/build/#output

import type { OutputSpec } from "../../index.js";
import { suggest } from "../../index.js";
import { usageError } from "./usage-error.js";
import { parseBool, splitAssignment, splitFields } from "./values.js";

export interface Output {
  readonly spec: OutputSpec;
  /** Names given by `name=`. */
  readonly tags: readonly string[];
}

type Attributes = ReadonlyMap<string, string>;

const KEYS: Readonly<Record<string, readonly string[]>> = {
  image: ["name", "push"],
  registry: ["name"],
  oci: ["name", "dest", "tar"],
  docker: ["name", "dest"],
};

/** @throws usage */
export function parseOutput(text: string): Output {
  const attributes = readAttributes(text);
  const type = attributes.get("type");
  if (type === undefined) throw usageError(`--output ${text}: type is missing`, 'Write "-o type=oci,dest=FILE".');
  const keys = KEYS[type];
  if (!keys) throw unknownType(type);
  for (const key of attributes.keys()) if (key !== "type" && !keys.includes(key)) throw unknownKey(key, type, keys);
  return { spec: specOf(type, attributes), tags: attributes.get("name")?.split(",") ?? [] };
}

function specOf(type: string, attributes: Attributes): OutputSpec {
  if (type === "registry") return { type };
  if (type === "image")
    return { type: parseBool(attributes.get("push") ?? "false", "--output push") ? "registry" : "image" };
  const dest = attributes.get("dest");
  if (!dest) throw usageError(`--output type=${type}: dest is missing`, 'Add "dest=FILE", or "dest=-" for stdout.');
  if (type === "docker") return { type, dest };
  const tar = parseBool(attributes.get("tar") ?? "true", "--output tar");
  if (dest === "-" && !tar)
    throw usageError("--output type=oci,tar=false: stdout cannot be a folder", 'Name a folder: "dest=DIR".');
  return { type: "oci", dest, tar };
}

function readAttributes(text: string): Attributes {
  const fields = splitFields(text, "--output");
  const attributes = new Map<string, string>();
  for (const field of fields) {
    const [key, value] = splitAssignment(field);
    if (value === undefined) throw shorthand(text);
    attributes.set(key.toLowerCase(), value);
  }
  return attributes;
}

/** docker's `-o DIR` and `-o -` export the bare files of the image. */
function shorthand(text: string) {
  return usageError(
    `--output ${text}: exporting the files of the image is not supported by this version`,
    'Write "-o type=oci,dest=DIR,tar=false" for an OCI image layout, or "-o type=docker,dest=FILE".',
  );
}

function unknownType(type: string) {
  if (type === "local" || type === "tar" || type === "cacheonly") return shorthand(`type=${type}`);
  return usageError(`--output type=${type}: expected one of ${Object.keys(KEYS).join(", ")}`);
}

function unknownKey(key: string, type: string, keys: readonly string[]) {
  const near = suggest(key, keys);
  const hint = near === undefined ? `Leave it out: type=${type} has ${keys.join(", ")}.` : `Did you mean "${near}"?`;
  return usageError(`--output type=${type}: ${key} is not supported by this version`, hint);
}
