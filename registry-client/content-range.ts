// Where an answer to a request for a part of a blob begins.
// https://www.rfc-editor.org/rfc/rfc9110#name-content-range

import type { RegistryResponse } from "./connection.js";

/** The offset of the first byte; undefined when the answer does not say it, or has no bytes. */
export function offsetOf({ status, headers }: Pick<RegistryResponse, "status" | "headers">): number | undefined {
  if (status === 200) return 0;
  const start = /^bytes (\d{1,15})-/.exec(headers["content-range"] ?? "")?.[1];
  return status === 206 && start !== undefined ? Number(start) : undefined;
}
