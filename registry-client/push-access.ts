// Whether a registry lets us push, without pushing: an upload is opened and given up.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks

import type { Access } from "./authorizer.js";
import type { Connection } from "./connection.js";
import { RegistryError } from "./error.js";
import { openSession } from "./upload-session.js";

/** @throws unauthorized, registry_error, registry_unreachable */
export async function tryUpload(place: {
  readonly connection: Connection;
  readonly access: Access;
  readonly signal: AbortSignal | undefined;
}): Promise<void> {
  const session = (await openSession(place))!;
  await giveUp(session.url, place);
}

/** Registries that cannot cancel an upload let it expire. */
async function giveUp(target: URL, { connection, access, signal }: Parameters<typeof tryUpload>[0]): Promise<void> {
  try {
    const response = await connection.request({ method: "DELETE", target, access, expect: [200, 202, 204], signal });
    response.body.resume();
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
  }
}
