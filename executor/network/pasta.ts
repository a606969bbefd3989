// pasta, of the passt project: serves a network namespace from the background.
// https://passt.top/builds/latest/web/passt.1.html

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { helper } from "./helper.js";
import type { Attached, NetworkProgram } from "./isolated.js";

/** An address that no network has: what is asked of it, pasta asks the name servers of the machine. */
const RESOLVER = "169.254.1.1";

/** Nothing of this machine's loopback is seen in the namespace: not by the gateway's address, and no port of it. */
const FLAGS = ["--config-net", "--quiet", "--no-map-gw", `--dns-forward=${RESOLVER}`];
const NO_PORTS = ["-t", "none", "-u", "none", "-T", "none", "-U", "none"];

/**
 * It ends with the script's standard input. Root's pasta gives up the right to look into other processes before it opens the
 * namespace, so it gets a name for it, in a mount namespace of the script's own.
 */
const SCRIPT = `
pid=$1 name=$2 id=$3
shift 3
if [ -n "$name" ]; then mount --bind "/proc/$pid/ns/net" "$name" || exit 1; fi
"$@" --pid "$id" >/dev/null || exit 1
echo ready
cat >/dev/null
kill -KILL "$(cat "$id")"
`;

/** @throws sandbox_unavailable */
export async function attachPasta({ program, holder, directory }: NetworkProgram): Promise<Attached> {
  const [name, id] = [join(directory, "pasta-network"), join(directory, "pasta-id")];
  for (const path of [name, id]) writeFileSync(path, "");
  const target = holder.ownsUser ? [String(holder.pid)] : ["--runas", "0", "--netns-only", "--netns", name];
  const words = [String(holder.pid), holder.ownsUser ? "" : name, id, program, ...FLAGS, ...NO_PORTS, ...target];
  const own = holder.ownsUser ? [] : ["unshare", "--mount"];
  const [command = "", ...args] = [...own, "sh", "-c", SCRIPT, "sh", ...words];
  const child = spawn(command, args, { stdio: "pipe", detached: true });
  return { resolver: RESOLVER, close: await helper(child, "pasta", { ready: child.stdout, end: child.stdin }) };
}
