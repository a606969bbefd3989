// Asks a registry whether it is one, and whether it knows us.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support

import type { Connection } from "./connection.js";

/** @throws unauthorized when the registry refuses the credentials, registry_unreachable, registry_error */
export async function ping(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  const access = { repository: "", push: false };
  const response = await connection.request({ method: "GET", target: "/v2/", access, expect: [200], signal });
  response.body.resume();
}
