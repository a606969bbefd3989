// Starts a program in the network namespace of another process.
// man 1 nsenter

import type { NetworkHolder } from "./runtime.js";

/** The words of the command line that does so; without a holder, as they are. */
export function enter(holder: NetworkHolder | undefined, words: readonly string[]): readonly string[] {
  if (!holder) return words;
  const namespaces = `/proc/${holder.pid}/ns`;
  const user = holder.ownsUser ? [`--user=${namespaces}/user`, "--preserve-credentials"] : [];
  return ["nsenter", `--net=${namespaces}/net`, ...user, "--", ...words];
}
