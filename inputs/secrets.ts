// Secrets and ssh agents that steps may ask for by name.
// https://docs.docker.com/reference/cli/docker/buildx/build/#secret

import { readFileSync, statSync } from "node:fs";
import { TsbuildError } from "../errors.js";

/** Where a secret's value is, or the value itself. */
export type SecretSource =
  | { readonly file: string }
  | { readonly env: string }
  | { readonly value: string | Uint8Array };

export interface SecretOptions {
  readonly secrets?: Readonly<Record<string, SecretSource>>;
  /** By id: the path of an agent's socket, or those of private keys. */
  readonly ssh?: Readonly<Record<string, string | readonly string[]>>;
}

/** BuildKit's limit. */
const LIMIT = 500 << 10;

/** Values are read when they are asked for, once. @throws secret_not_found */
export function secretsOf({ secrets = {}, ssh = {} }: SecretOptions) {
  for (const [id, source] of Object.entries(secrets)) checkFile(id, source);
  const values = new Map<string, Uint8Array | undefined>();
  const value = (id: string) => {
    if (!values.has(id)) values.set(id, Object.hasOwn(secrets, id) ? read(id, secrets[id]!) : undefined);
    return values.get(id);
  };
  return {
    value,
    agent: (id: string) => (Object.hasOwn(ssh, id) ? [ssh[id]!].flat() : undefined),
    /** All that can be read. What cannot is an error only for a step that needs it. */
    all: () => new Map(Object.keys(secrets).flatMap((id) => entryOf(id, value))),
  };
}

/** A file that is missing is said at once, whether a step asks for it or not. */
function checkFile(id: string, source: SecretSource): void {
  if (!("file" in source) || statSync(source.file, { throwIfNoEntry: false })?.isFile()) return;
  throw new TsbuildError("secret_not_found", `secret "${id}": no file "${source.file}"`, {
    hint: "Check src= of --secret.",
  });
}

function entryOf(id: string, read: (id: string) => Uint8Array | undefined): [string, Uint8Array][] {
  try {
    const value = read(id);
    return value ? [[id, value]] : [];
  } catch (error) {
    if (error instanceof TsbuildError) return [];
    throw error;
  }
}

function read(id: string, source: SecretSource): Uint8Array | undefined {
  if ("value" in source) return Buffer.from(source.value);
  if ("env" in source) {
    const value = process.env[source.env];
    return value === undefined ? undefined : Buffer.from(value);
  }
  checkFile(id, source);
  const stats = statSync(source.file);
  if (stats.size > LIMIT)
    throw new TsbuildError("bad_value", `secret "${id}" has ${stats.size} bytes, expected at most ${LIMIT}`, {
      hint: "Mount large files with RUN --mount=type=bind.",
    });
  return readFileSync(source.file);
}
