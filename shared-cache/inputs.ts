// What went into the keys of a group, for those who explain why a step was not found. Values of variables that look
// private are left out: a cache is read by more people than a build.

import { gunzipSync, gzipSync } from "node:zlib";
import { TsbuildError } from "../errors.js";
import { type Descriptor, LARGEST_JSON, sha256 } from "../oci/index.js";
import { INPUTS_TYPE } from "./format.js";

/** Names whose values do not belong in a cache. */
const PRIVATE = /passw|secret|token|key|auth|credential/i;

export interface InputsBlob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** @param inputs by key */
export function encodeInputs(inputs: ReadonlyMap<string, unknown>): InputsBlob {
  const shown = [...inputs].map(([key, value]) => [key, withoutPrivate(value)]);
  const bytes = gzipSync(JSON.stringify({ version: 1, inputs: Object.fromEntries(shown) }));
  return { bytes, descriptor: { mediaType: INPUTS_TYPE, digest: sha256(bytes), size: bytes.length } };
}

/** @throws bad_manifest */
export function decodeInputs(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  try {
    const text = gunzipSync(bytes, { maxOutputLength: 16 * LARGEST_JSON }).toString("utf8");
    return new Map(Object.entries((JSON.parse(text) as { inputs: Record<string, unknown> }).inputs));
  } catch (cause) {
    throw new TsbuildError("bad_manifest", "expected the inputs of a cache, found something else", { cause });
  }
}

/** Values of variables that look private are a digest in it, so that a change still shows. */
export function withoutPrivate(value: unknown): unknown {
  const { env } = (value ?? {}) as { env?: unknown };
  return Array.isArray(env) ? { ...(value as object), env: env.map((line) => masked(String(line))) } : value;
}

function masked(line: string): string {
  const [name = ""] = line.split("=", 1);
  return PRIVATE.test(name) ? `${name}=${sha256(line).slice(0, 19)}` : line;
}
