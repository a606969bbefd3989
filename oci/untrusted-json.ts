// Reads JSON that came from somewhere else: limits its size, checks its shape, keeps only what is known.

import * as v from "valibot";
import { TsbuildError } from "../errors.js";
import { type Digest, isDigest } from "./digest.js";

/** Manifests, indexes and configs may have this many bytes; registries refuse larger ones too (S-206). */
export const LARGEST_JSON = 4 * 1024 * 1024;

export const digestSchema = v.pipe(
  v.string(),
  v.check(isDigest, "sha256 and 64 hex digits"),
  v.transform((text) => text as Digest),
);
export const sizeSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const stringMapSchema = v.record(v.string(), v.string());

/**
 * Reads `bytes` as a `what` ("image manifest"). Null counts as absent, as Go's encoder writes it for an empty list.
 * @throws bad_manifest
 */
export function parseUntrusted<const Schema extends v.GenericSchema>(
  bytes: Uint8Array,
  schema: Schema,
  what: string,
): v.InferOutput<Schema> {
  if (bytes.length > LARGEST_JSON) throw badJson(what, `at most ${LARGEST_JSON} bytes`, `${bytes.length}`);
  const result = v.safeParse(schema, decode(bytes, what));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue) ?? "the top";
  throw badJson(
    `${what}, ${place}`,
    issue.expected ?? issue.message,
    issue.received === "undefined" ? "nothing" : issue.received,
  );
}

/** Whether `value` is a list of strings. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function decode(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes), (_key, value: unknown) => (value === null ? undefined : value));
  } catch (cause) {
    throw new TsbuildError("bad_manifest", `${what}: expected JSON, found ${JSON.stringify(preview(bytes))}`, {
      cause,
    });
  }
}

function preview(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 40));
}

function badJson(where: string, expected: string, found: string): TsbuildError {
  return new TsbuildError("bad_manifest", `${where}: expected ${expected}, found ${found}`);
}
