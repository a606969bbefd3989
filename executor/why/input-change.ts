// An input that has no kind of its own.

import type { Change } from "./change.js";

/** Values that are one word are told. */
export function inputChange(name: string, then: unknown, now: unknown): Change {
  const [from, to] = [then, now].map((value) =>
    typeof value === "string" || typeof value === "boolean" || typeof value === "number" ? String(value) : undefined,
  );
  return { kind: "input", name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}
