// `-o type=oci,dest=app.tar`: where a build's image goes. `-o DIR` and `-o -` are short for its files in a folder, or as a tar.
// https://docs.docker.com/reference/cli/docker/buildx/build/#output
// https://github.com/moby/buildkit#output

import type { OutputSpec } from "../../index.js";
import { suggest } from "../../internal.js";
import { attributeAnnotation } from "./annotation-spec.js";
import { isWithoutEffect } from "./refused-output-keys.js";
import { usageError } from "./usage-error.js";
import { parseBool, splitAssignment, splitFields } from "./values.js";

/** In the order in which they were given: of the same annotation, the last one holds. */
type Attributes = ReadonlyMap<string, string>;

const IMAGE_KEYS = [
  "name",
  "compression",
  "compression-level",
  "force-compression",
  "oci-artifact",
  "oci-mediatypes",
  "rewrite-timestamp",
];
const PUSH_KEYS = [...IMAGE_KEYS, "push-by-digest", "name-canonical", "registry.insecure"];

const KEYS: Readonly<Record<OutputSpec["type"], readonly string[]>> = {
  image: [...PUSH_KEYS, "push", "store", "dangling-name-prefix"],
  registry: PUSH_KEYS,
  oci: [...IMAGE_KEYS, "dest", "tar"],
  docker: [...IMAGE_KEYS, "dest", "tar", "context"],
  local: ["dest", "mode", "platform-split", "attestation-prefix"],
  tar: ["dest", "platform-split", "attestation-prefix"],
  cacheonly: [],
};
const COMPRESSIONS = ["uncompressed", "gzip", "estargz", "zstd"] as const;

/** @throws usage */
export function parseOutput(text: string): OutputSpec {
  const fields = splitFields(text, "--output");
  const [only] = fields;
  if (fields.length === 1 && !only!.includes("=")) return shortForm(only!);
  const attributes = readAttributes(text, fields);
  const type = attributes.get("type");
  if (type === undefined) throw usageError(`--output ${text}: type is missing`, 'Write "-o type=oci,dest=FILE".');
  if (!isType(type)) throw usageError(`--output type=${type}: expected one of ${Object.keys(KEYS).join(", ")}`);
  for (const [key, value] of attributes) checkKey(key, value, type);
  return specOf(type, attributes);
}

/** Whether a tar goes to stdout although nothing says so. @throws usage */
export function impliesStdout(text: string): boolean {
  const fields = splitFields(text, "--output").map((field) => splitAssignment(field.trim()));
  const attributes = new Map(fields.map(([key, value]) => [key.toLowerCase(), value]));
  return attributes.get("type") === "tar" && !attributes.get("dest");
}

/** docker's `-o DIR`, and `-o -` for a tar on stdout. */
function shortForm(dest: string): OutputSpec {
  if (dest === "") throw usageError("--output: a folder, - or type=… is missing");
  return dest === "-" ? { type: "tar", dest } : { type: "local", dest };
}

function isType(type: string): type is OutputSpec["type"] {
  return Object.hasOwn(KEYS, type);
}

function readAttributes(text: string, fields: readonly string[]): Attributes {
  const attributes = new Map<string, string>();
  for (const field of fields) {
    const [key, value] = splitAssignment(field.trim());
    if (value === undefined) throw usageError(`--output ${text}: expected NAME=VALUE, found "${field}"`);
    attributes.set(isAnnotation(key) ? key : key.toLowerCase(), value);
  }
  return attributes;
}

const isAnnotation = (key: string): boolean => key.startsWith("annotation");

function checkKey(key: string, value: string, type: OutputSpec["type"]): void {
  const keys = KEYS[type];
  if (key === "type" || keys.includes(key)) return;
  const isOfImage = keys.includes("name");
  if (isOfImage && (isAnnotation(key) || isWithoutEffect(key, value, type))) return;
  const near = suggest(key, keys);
  const known = keys.length === 0 ? "no further keys" : keys.join(", ");
  const hint = near === undefined ? `Leave it out: type=${type} has ${known}.` : `Did you mean "${near}"?`;
  throw usageError(`--output type=${type}: ${key} is not supported by this version`, hint);
}

function specOf(type: OutputSpec["type"], attributes: Attributes): OutputSpec {
  switch (type) {
    case "cacheonly":
      return { type };
    case "registry":
      return { type, ...imageOptions(attributes), ...pushOptions(attributes) };
    case "image":
      return { type, ...imageOptions(attributes), ...pushOptions(attributes), ...storeOptions(attributes) };
    case "local":
      return { type, dest: destOf(type, attributes), ...modeOf(attributes), ...filesOptions(attributes) };
    case "tar":
      return { type, dest: attributes.get("dest") || "-", ...filesOptions(attributes) };
    case "docker":
    case "oci":
      return layoutOf(type, attributes);
  }
}

/** Without a place, Docker or Podman takes the image at once. */
function layoutOf(type: "docker" | "oci", attributes: Attributes): OutputSpec {
  const dest = type === "docker" ? attributes.get("dest") : destOf(type, attributes);
  const { tar = true } = bool(attributes, "tar");
  if (dest === "-" && !tar)
    throw usageError(`--output type=${type},tar=false: stdout cannot be a folder`, 'Name a folder: "dest=DIR".');
  if (!dest && !tar) throw usageError(`--output type=${type},tar=false: dest is missing`, 'Add "dest=DIR".');
  const options = { ...imageOptions(attributes), tar };
  if (type === "oci") return { type, dest: dest!, ...options };
  return { type, ...(dest ? { dest } : contextOf(attributes)), ...options };
}

/** Which docker loads the image. */
function contextOf(attributes: Attributes): { readonly context?: string } {
  const context = attributes.get("context");
  return context ? { context } : {};
}

function destOf(type: OutputSpec["type"], attributes: Attributes): string {
  const dest = attributes.get("dest");
  if (!dest)
    throw usageError(`--output type=${type}: dest is missing`, `Add "dest=${type === "local" ? "DIR" : "FILE"}".`);
  if (type === "local" && dest === "-")
    throw usageError("--output type=local: stdout cannot be a folder", 'Use "type=tar".');
  return dest;
}

function imageOptions(attributes: Attributes) {
  const names = attributes
    .get("name")
    ?.split(",")
    .filter((name) => name !== "");
  const annotations = [...attributes]
    .filter(([key]) => isAnnotation(key))
    .map(([key, value]) => attributeAnnotation(key, value));
  return {
    ...(names && { names }),
    ...compressionOf(attributes),
    ...bool(attributes, "force-compression"),
    ...bool(attributes, "rewrite-timestamp"),
    ...bool(attributes, "oci-artifact"),
    ...(attributes.has("oci-mediatypes") && { ociMediaTypes: bool(attributes, "oci-mediatypes")["ociMediatypes"]! }),
    ...(annotations.length > 0 && { annotations }),
  };
}

function compressionOf(attributes: Attributes) {
  const given = attributes.get("compression");
  const level = attributes.get("compression-level");
  const compression = COMPRESSIONS.find((known) => known === given);
  if (given === "zstd:chunked")
    throw usageError(
      "--output compression=zstd:chunked is not supported by this version",
      "Use compression=zstd, or estargz for images whose files are read one by one.",
    );
  if (given !== undefined && compression === undefined)
    throw usageError(`--output compression=${given}: expected one of ${COMPRESSIONS.join(", ")}`);
  if (level !== undefined && !/^\d{1,2}$/.test(level))
    throw usageError(`--output compression-level=${level}: expected a whole number from 0`);
  return { ...(compression && { compression }), ...(level !== undefined && { compressionLevel: Number(level) }) };
}

function pushOptions(attributes: Attributes) {
  const { registryInsecure: insecure } = bool(attributes, "registry.insecure");
  return {
    ...bool(attributes, "push-by-digest"),
    ...bool(attributes, "name-canonical"),
    ...(insecure !== undefined && { insecure }),
  };
}

function storeOptions(attributes: Attributes) {
  const danglingNamePrefix = attributes.get("dangling-name-prefix");
  return {
    ...bool(attributes, "push"),
    ...bool(attributes, "store"),
    ...(danglingNamePrefix && { danglingNamePrefix }),
  };
}

function filesOptions(attributes: Attributes) {
  const attestationPrefix = attributes.get("attestation-prefix");
  if (attestationPrefix?.includes("/"))
    throw usageError(`--output attestation-prefix=${attestationPrefix}: expected the beginning of a file's name`);
  return { ...bool(attributes, "platform-split"), ...(attestationPrefix !== undefined && { attestationPrefix }) };
}

function modeOf(attributes: Attributes): { readonly mode?: "copy" | "delete" } {
  const mode = attributes.get("mode");
  if (mode === undefined || mode === "copy" || mode === "delete") return mode === undefined ? {} : { mode };
  throw usageError(`--output mode=${mode}: expected copy or delete`);
}

/** `{ forceCompression: true }` for `force-compression=true`; nothing when it is not given. */
function bool(attributes: Attributes, name: string): { readonly [key: string]: boolean } {
  const value = attributes.get(name);
  const key = name.replace(/[-.](\w)/g, (_, letter: string) => letter.toUpperCase());
  return value === undefined ? {} : { [key]: parseBool(value, `--output ${name}`) };
}
