// Whether documents are as the JSON schemas of the OCI image specification have them.
// https://github.com/opencontainers/image-spec/tree/main/schema

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";

const DIRECTORY = join(import.meta.dirname, "../../fixtures/oci-schemas");

const SCHEMAS = {
  manifest: "image-manifest-schema.json",
  index: "image-index-schema.json",
  config: "config-schema.json",
  layout: "image-layout-schema.json",
} as const;

export type Kind = keyof typeof SCHEMAS;

let loaded: Ajv | undefined;

/** What is wrong with a document, in words; nothing when it is valid. */
export function schemaErrors(kind: Kind, document: unknown): string[] {
  loaded ??= load();
  const validate = loaded.getSchema(SCHEMAS[kind]) as ValidateFunction;
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${kind}${instancePath} ${message}`);
}

/** The schemas are of draft 4, of whose ways only `id` is another one now: files name each other by file name. */
function load(): Ajv {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  for (const name of readdirSync(DIRECTORY).filter((file) => file.endsWith(".json")))
    ajv.addSchema(withoutIds(JSON.parse(readFileSync(join(DIRECTORY, name), "utf8"))) as object, name);
  return ajv;
}

function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, part]) => !(["id", "$schema"].includes(key) && typeof part === "string"),
  );
  return Object.fromEntries(kept.map(([key, part]) => [key, withoutIds(part)]));
}
