// slirp4netns: serves a network namespace until the other end of a pipe closes.
// https://github.com/rootless-containers/slirp4netns/blob/master/slirp4netns.1.md

import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { helper } from "./helper.js";
import type { Attached, NetworkProgram } from "./isolated.js";

/** The third address of the network that it makes: it passes on to the name servers of the machine. */
const RESOLVER = "10.0.2.3";

/** Without `--disable-host-loopback` its address 10.0.2.2 would be this machine's 127.0.0.1. */
const FLAGS = ["--configure", "--mtu=65520", "--disable-host-loopback", "--ready-fd=3", "--exit-fd=4"];

/** @throws sandbox_unavailable */
export async function attachSlirp({ program, holder }: NetworkProgram): Promise<Attached> {
  const user = holder.ownsUser ? [`--userns-path=/proc/${holder.pid}/ns/user`] : [];
  const child = spawn(program, [...FLAGS, ...user, String(holder.pid), "tap0"], {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    detached: true,
  });
  const exit = child.stdio[4] as Writable;
  return { resolver: RESOLVER, close: await helper(child, "slirp4netns", { ready: child.stdio[3], end: exit }) };
}
