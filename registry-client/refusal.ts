// Why a registry does not let us in, in words: who it was told that we are, where that is kept, and what to do.

import { RegistryError } from "./error.js";
import { type Credentials, sourceOf } from "./keychain.js";

export interface Refused {
  /** As in references: `docker.io`. */
  readonly registry: string;
  /** Absent for the anonymous. */
  readonly credentials: Credentials | undefined;
  /** Whether the credentials were refused, rather than what they allow found too little. */
  readonly isUnknown: boolean;
}

/** The same error, with what it means. */
export function explainRefusal(error: RegistryError, { registry, credentials, isUnknown }: Refused): RegistryError {
  const login = `tsbuild login${registry === "docker.io" ? "" : ` ${registry}`}`;
  if (credentials === undefined) return reworded(error, error.message, `Check the name, or log in: ${login}.`);
  if (!isUnknown)
    return reworded(error, error.message, `Check the name, or log in with an account that may do this: ${login}.`);
  const source = sourceOf(credentials);
  const message = `${registry} does not accept ${whoIn(credentials)} ${source === undefined ? "given" : `of ${source}`}: ${error.message}`;
  const hint =
    source === undefined
      ? "Check the user and the password; many registries want a token in place of it."
      : `Log in again: ${login}.`;
  return reworded(error, message, hint);
}

function whoIn(credentials: Credentials): string {
  return "username" in credentials ? `the user "${credentials.username}" and the password` : "the token";
}

function reworded(error: RegistryError, message: string, hint: string): RegistryError {
  const { method, url, codes, status, retryAfter, cause } = error;
  return new RegistryError(error.code, message, {
    method,
    url: new URL(url),
    codes,
    hint,
    ...(status !== undefined && { status }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(cause !== undefined && { cause }),
  });
}
