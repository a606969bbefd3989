// Starts a program in another network namespace: that of a process, or one that has a name.
// man 1 nsenter

import type { NetworkHolder, NetworkNamespace } from "./runtime.js";

/** The words of the command line that does so; without a holder, as they are. */
export function enter(
  holder: NetworkHolder | NetworkNamespace | undefined,
  words: readonly string[],
): readonly string[] {
  if (!holder) return words;
  if ("path" in holder) return ["nsenter", `--net=${holder.path}`, "--", ...words];
  const namespaces = `/proc/${holder.pid}/ns`;
  const user = holder.ownsUser ? [`--user=${namespaces}/user`, "--preserve-credentials"] : [];
  return ["nsenter", `--net=${namespaces}/net`, ...user, "--", ...words];
}
