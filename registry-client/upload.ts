// Sends a blob in one piece: a session, then all bytes with their digest.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#post-then-put

import { pipeline, type Readable, Transform } from "node:stream";
import { TsbuildError } from "../errors.js";
import type { Descriptor } from "../oci/index.js";
import type { Access } from "./authorizer.js";
import type { Connection } from "./connection.js";

export interface Upload {
  readonly connection: Connection;
  readonly access: Access;
  readonly blob: Descriptor;
  /** Opens the content; called once for each try. */
  readonly open: () => Promise<Readable>;
  readonly signal?: AbortSignal | undefined;
}

/** Registries store and hash what came before they answer: that takes as long as it takes. */
const COMMIT_IDLE = 600_000;

/** Opens an upload session, for a blob that may also be mounted. @returns where to send it, or undefined when it is there already */
export async function openSession(
  { connection, access, signal }: Omit<Upload, "open" | "blob">,
  mount?: Descriptor,
): Promise<URL | undefined> {
  const query = mount === undefined ? "" : `?mount=${mount.digest}&from=${access.from}`;
  const target = `/v2/${access.repository}/blobs/uploads/${query}`;
  const response = await connection.request({
    method: "POST",
    target,
    access,
    expect: mount ? [201, 202] : [202],
    signal,
  });
  response.body.resume();
  return response.status === 201 ? undefined : connection.resolveLocation(response);
}

/** @throws digest_mismatch when the registry, or a count of the bytes, says so */
export async function send(session: URL, { connection, access, blob, open, signal }: Upload): Promise<void> {
  const target = new URL(session);
  target.search += `${target.search === "" ? "" : "&"}digest=${encodeURIComponent(blob.digest)}`;
  const body = { size: blob.size, open: async () => counted(await open(), blob) };
  const headers = { "content-type": "application/octet-stream" };
  const response = await connection.request({
    method: "PUT",
    target,
    access,
    headers,
    body,
    expect: [201, 204],
    signal,
    idle: COMMIT_IDLE,
  });
  response.body.resume();
}

/** A request says how long its body is: one of another length would end in silence. */
function counted(content: Readable, { digest, size }: Descriptor): Readable {
  let count = 0;
  const mismatch = (found: string) =>
    new TsbuildError("digest_mismatch", `expected ${digest} (${size} bytes), read ${found}`);
  const counter = new Transform({
    transform(chunk: Uint8Array, _encoding, callback) {
      count += chunk.length;
      callback(count > size ? mismatch(`at least ${count} bytes`) : null, chunk);
    },
    flush: (callback) => callback(count < size ? mismatch(`${count} bytes`) : null),
  });
  return pipeline(content, counter, () => {}); // a failure reaches the request
}
