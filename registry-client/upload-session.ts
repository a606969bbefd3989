// Upload sessions: opened by POST, perhaps instead of a mount; they know how many bytes they have.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks

import { type RetryOptions, withRetries } from "../net/index.js";
import type { Descriptor } from "../oci/index.js";
import type { RegistryResponse } from "./connection.js";
import { RegistryError } from "./error.js";
import type { Upload } from "./upload.js";

export interface Session {
  /** Where the next request goes. */
  readonly url: URL;
  /** Bytes: the registry takes no smaller piece, but for the last. */
  readonly leastChunk: number;
}

type Place = Pick<Upload, "connection" | "access" | "signal">;

/** Opens an upload session, for a blob that may also be mounted. @returns undefined when the blob is there already */
export async function openSession(
  { connection, access, signal }: Place,
  mount?: Descriptor,
): Promise<Session | undefined> {
  const query = mount === undefined ? "" : `?mount=${mount.digest}&from=${encodeURIComponent(access.from ?? "")}`;
  const target = `/v2/${access.repository}/blobs/uploads/${query}`;
  const expect = mount ? [201, 202] : [202];
  const response = await connection.request({ method: "POST", target, access, expect, signal });
  response.body.resume();
  if (response.status === 201) return undefined;
  return { url: connection.resolveLocation(response), leastChunk: leastChunkOf(response) };
}

/** How far a broken upload came, or undefined when the registry does not know it any more. */
export async function statusOf(
  session: Session,
  { connection, access, signal, retry }: Place & { readonly retry: RetryOptions },
): Promise<{ readonly session: Session; readonly offset: number } | undefined> {
  const request = { method: "GET", target: session.url, access, expect: [200, 202, 204], signal } as const;
  try {
    const response = await withRetries(() => connection.request(request), { ...retry, signal });
    response.body.resume();
    const url = response.headers.location === undefined ? session.url : connection.resolveLocation(response);
    return { session: { ...session, url }, offset: offsetOf(response) };
  } catch (error) {
    if (error instanceof RegistryError && error.code !== "registry_unreachable") return undefined;
    throw error;
  }
}

/** `Range: 0-1023` says 1024 bytes; `0-0` is what registries say of none. */
function offsetOf({ headers: { range } }: RegistryResponse): number {
  const last = Number(/^(?:bytes=)?0-(\d+)$/.exec(range ?? "")?.[1] ?? 0);
  return last === 0 ? 0 : last + 1;
}

function leastChunkOf({ headers }: RegistryResponse): number {
  const least = Number(headers["oci-chunk-min-length"] ?? 0);
  return Number.isSafeInteger(least) && least > 0 ? least : 0;
}
