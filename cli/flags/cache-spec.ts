// `--cache-from type=registry,ref=…`, `--cache-to type=local,dest=…`: caches beyond the store.
// https://docs.docker.com/build/cache/backends/

import type { CacheExportOptions, CacheSource, CacheTarget, MountsSource, MountsTarget } from "../../index.js";
import { suggest } from "../../internal.js";
import { parseBytes } from "./quantities.js";
import { usageError } from "./usage-error.js";
import { parseBool, splitAssignment, splitFields } from "./values.js";

type Fields = ReadonlyMap<string, string>;

const EXPORT = ["mode", "ignore-error", "compression", "compression-level", "force-compression"] as const;
/** What tsbuild always does. */
const ALWAYS = ["oci-mediatypes", "image-manifest"] as const;

const S3_KEYS =
  "bucket region name prefix blobs_prefix manifests_prefix endpoint_url use_path_style access_key_id secret_access_key session_token".split(
    " ",
  );

const KEYS = {
  registry: { both: ["ref", "scope"], from: [], to: ALWAYS },
  local: { both: ["tag", "scope"], from: ["src", "digest"], to: ["dest", ...ALWAYS] },
  gha: { both: ["url", "url_v2", "token", "scope"], from: [], to: [] },
  s3: { both: S3_KEYS, from: [], to: [] },
} as const;

type Type = keyof typeof KEYS;

/** Of a name alone a registry is meant. @throws usage */
export function parseCacheFrom(text: string, flag = "--cache-from"): CacheSource {
  const { fields, type } = read(text, flag, TYPES);
  expectKeys(fields, type, flag, [...KEYS[type].both, ...KEYS[type].from]);
  return sourceOf(type, fields, flag);
}

/** @throws usage */
export function parseCacheTo(text: string): CacheTarget {
  const fields = fieldsOf(text, "--cache-to");
  if (fields.get("type") === "inline") {
    expectKeys(fields, "inline", "--cache-to", []);
    return { type: "inline" };
  }
  const { type } = read(text, "--cache-to", TYPES);
  expectKeys(fields, type, "--cache-to", [...KEYS[type].both, ...KEYS[type].to, ...EXPORT]);
  for (const key of ALWAYS) expectTrue(fields, key);
  return { ...sourceOf(type, fields, "--cache-to"), ...exportOptions(fields) };
}

/** @throws usage */
export function parseMountsFrom(text: string, flag = "--cache-mounts-from"): MountsSource {
  const { fields, type } = read(text, flag, MOUNT_TYPES);
  expectKeys(fields, type, flag, [...KEYS[type].both, ...KEYS[type].from]);
  return mountsSourceOf(type, fields, flag);
}

/** @throws usage */
export function parseMountsTo(text: string, flag = "--cache-mounts-to"): MountsTarget {
  const { fields, type } = read(text, flag, MOUNT_TYPES);
  expectKeys(fields, type, flag, [...KEYS[type].both, ...(type === "local" ? ["dest"] : []), "max-size"]);
  const maxSize = fields.get("max-size");
  const limit = maxSize === undefined ? {} : { maxSize: parseBytes(maxSize, `${flag} max-size`) };
  return { ...mountsSourceOf(type, fields, flag), ...limit };
}

const MOUNT_TYPES = ["registry", "local"] as const;
const TYPES = [...MOUNT_TYPES, "gha", "s3"] as const;

function read<Name extends Type>(
  text: string,
  flag: string,
  types: readonly Name[],
): { readonly fields: Fields; readonly type: Name } {
  const fields = fieldsOf(text, flag);
  const type = fields.get("type");
  const name = types.find((each) => each === type);
  if (name !== undefined) return { fields, type: name };
  const known = [...types, ...(flag === "--cache-to" ? ["inline"] : [])].join(", ");
  if (type === undefined) throw usageError(`${flag} ${text}: type is missing`, `Add type= with one of ${known}.`);
  throw usageError(`${flag} type=${type}: expected one of ${known}`, HINTS[type]);
}

const HINTS: Readonly<Record<string, string>> = {
  azblob: "Use type=registry, which Azure's container registry takes too.",
  inline: 'Read the cache of an image with "type=registry,ref=IMAGE".',
};

function fieldsOf(text: string, flag: string): Fields {
  if (text !== "" && !/[=,]/.test(text))
    return new Map([
      ["type", "registry"],
      ["ref", text],
    ]);
  return new Map(
    splitFields(text, flag).map((field) => {
      const [name, value] = splitAssignment(field);
      if (value === undefined) throw usageError(`${flag} "${text}": expected NAME=VALUE, found "${field}"`);
      return [name.toLowerCase(), value];
    }),
  );
}

/** A cache is read from where it was written to. */
const OPPOSITE: Readonly<Record<string, string>> = { src: "dest", dest: "src" };

function expectKeys(fields: Fields, type: string, flag: string, keys: readonly string[]): void {
  for (const key of fields.keys()) {
    if (key === "type" || keys.includes(key)) continue;
    const near = OPPOSITE[key] ?? suggest(key, keys);
    const hint = keys.length > 0 ? `Leave it out: type=${type} has ${keys.join(", ")}.` : "Leave it out.";
    throw usageError(
      `${flag} type=${type}: ${key} is not supported`,
      near === undefined ? hint : `Did you mean "${near}"?`,
    );
  }
}

function expectTrue(fields: Fields, key: string): void {
  if (parseBool(fields.get(key) ?? "true", `--cache-to ${key}`)) return;
  throw usageError(
    `--cache-to ${key}=false: a cache is an OCI image manifest`,
    `Leave it out, or write ${key}=true: registries that take images take it.`,
  );
}

function sourceOf(type: Type, fields: Fields, flag: string): CacheSource {
  if (type === "gha") return { type, ...picked(fields, { url: "url", url_v2: "url", token: "token", scope: "scope" }) };
  if (type !== "s3") return mountsSourceOf(type, fields, flag);
  const bucket = required(fields, { type, flag, key: "bucket", example: "NAME" });
  return { type, bucket, ...picked(fields, S3), ...pathStyle(fields, flag) };
}

function mountsSourceOf(type: (typeof MOUNT_TYPES)[number], fields: Fields, flag: string): MountsSource {
  if (type === "registry") {
    const ref = required(fields, { type, flag, key: "ref", example: "REGISTRY/REPOSITORY:TAG" });
    return { type, ref, ...picked(fields, { scope: "scope" }) };
  }
  const directory = required(fields, { type, flag, key: flag.endsWith("-to") ? "dest" : "src", example: "DIR" });
  return { type, directory, ...picked(fields, { tag: "tag", digest: "digest", scope: "scope" }) };
}

interface RequiredKey {
  readonly type: Type;
  readonly flag: string;
  readonly key: string;
  /** Of its value. */
  readonly example: string;
}

function required(fields: Fields, { type, flag, key, example }: RequiredKey): string {
  const value = fields.get(key);
  if (!value) throw usageError(`${flag} type=${type}: ${key} is missing`, `Add "${key}=${example}".`);
  return value;
}

const S3 = {
  region: "region",
  name: "name",
  prefix: "prefix",
  blobs_prefix: "blobsPrefix",
  manifests_prefix: "manifestsPrefix",
  endpoint_url: "endpointUrl",
  access_key_id: "accessKeyId",
  secret_access_key: "secretAccessKey",
  session_token: "sessionToken",
} as const;

function pathStyle(fields: Fields, flag: string): { readonly usePathStyle?: boolean } {
  const url = fields.get("endpoint_url");
  if (url !== undefined && !URL.canParse(url))
    throw usageError(`${flag} endpoint_url=${url}: expected a URL`, 'Write it in full: "https://minio.example:9000".');
  const text = fields.get("use_path_style");
  return text === undefined ? {} : { usePathStyle: parseBool(text, `${flag} use_path_style`) };
}

/** Fields that are given, under the names that options have. */
function picked<Names extends Readonly<Record<string, string>>>(
  fields: Fields,
  names: Names,
): { readonly [Name in Names[keyof Names]]?: string } {
  const given = Object.entries(names).flatMap(([field, option]) => {
    const value = fields.get(field);
    return value === undefined || value === "" ? [] : [[option, value] as const];
  });
  return Object.fromEntries(given) as { readonly [Name in Names[keyof Names]]?: string };
}

const COMPRESSIONS = { gzip: "gzip", zstd: "zstd", uncompressed: "none" } as const;

function exportOptions(fields: Fields): CacheExportOptions {
  const mode = fields.get("mode");
  if (mode !== undefined && mode !== "min" && mode !== "max")
    throw usageError(`--cache-to mode=${mode}: expected min or max`);
  return {
    ...(mode !== undefined && { mode }),
    ignoreError: parseBool(fields.get("ignore-error") ?? "false", "--cache-to ignore-error"),
    ...compression(fields),
  };
}

function compression(fields: Fields): CacheExportOptions {
  const [name, level, force] = ["compression", "compression-level", "force-compression"].map((key) => fields.get(key));
  if (name !== undefined && !(name in COMPRESSIONS))
    throw usageError(`--cache-to compression=${name}: expected one of ${Object.keys(COMPRESSIONS).join(", ")}`);
  if (level !== undefined && !/^\d{1,2}$/.test(level))
    throw usageError(`--cache-to compression-level=${level}: expected a number from 0 to 22`);
  return {
    ...(name !== undefined && { compression: COMPRESSIONS[name as keyof typeof COMPRESSIONS] }),
    ...(level !== undefined && { compressionLevel: Number(level) }),
    ...(force !== undefined && { forceCompression: parseBool(force, "--cache-to force-compression") }),
  };
}
