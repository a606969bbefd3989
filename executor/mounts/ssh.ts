// RUN --mount=type=ssh (S-139): a socket of the step's own, with the mode and owner that it asks for, behind which is the
// agent. The agent's socket itself stays as it is.

import { chmodSync, chownSync, closeSync, existsSync, openSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { TsbuildError } from "../../errors.js";
import type { RunMount } from "../../planner/index.js";
import type { Execution } from "../context.js";
import { missing } from "./missing.js";
import type { PreparedMount } from "./prepared.js";

type SshMount = Extract<RunMount, { type: "secret" | "ssh" }>;

/** @throws secret_not_found, sandbox_unavailable when this user may not give the socket to the owner asked for */
export async function prepareAgent(
  { secrets }: Execution,
  mount: SshMount,
  directory: string,
  name: string,
): Promise<PreparedMount> {
  const agent = secrets.socket(mount.id);
  if (agent === undefined) return missing(mount, `--ssh ${mount.id}=SOCKET`);
  if (!existsSync(agent) || !statSync(agent).isSocket()) {
    throw new TsbuildError("secret_not_found", `expected the socket of an ssh agent at "${agent}"`, {
      hint: "Start ssh-agent, and pass its SSH_AUTH_SOCK.",
    });
  }
  const { source, close } = await relay(agent, directory, name);
  try {
    own(source, mount);
  } catch (error) {
    close();
    throw error;
  }
  const target = mount.target!;
  return {
    mounts: [{ type: "bind", source, target, readonly: false }],
    points: [{ path: target, type: "file" }],
    env: [`SSH_AUTH_SOCK=${target}`],
    release: close,
  };
}

/** Paths of sockets have at most 107 bytes: this one is named below an open directory. */
async function relay(
  agent: string,
  directory: string,
  name: string,
): Promise<{ readonly source: string; readonly close: () => void }> {
  const source = join(directory, name);
  const fd = openSync(directory, "r");
  const connections = new Set<Socket>();
  const server = createServer((step) => pair(step, connect(agent), connections));
  const close = () => {
    for (const socket of connections) socket.destroy();
    server.close();
    rmSync(source, { force: true });
    closeSync(fd);
  };
  await listen(server, `/proc/self/fd/${fd}/${name}`).catch((error: unknown) => {
    close();
    throw error;
  });
  return { source, close };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => server.once("error", reject).listen(path, resolve));
}

/** Whatever ends one side ends the other: an agent that is gone is for the step to tell. */
function pair(step: Socket, agent: Socket, connections: Set<Socket>): void {
  for (const [socket, other] of [
    [step, agent],
    [agent, step],
  ] as const) {
    connections.add(socket);
    socket.on("error", () => other.destroy());
    socket.on("close", () => (connections.delete(socket), other.destroy()));
    socket.pipe(other);
  }
}

function own(path: string, { mode, uid, gid }: SshMount): void {
  chmodSync(path, mode);
  const { uid: ownUid, gid: ownGid } = statSync(path);
  if (process.geteuid?.() !== 0 && uid === 0 && gid === 0) return;
  if (uid === ownUid && gid === ownGid) return;
  try {
    chownSync(path, uid, gid);
  } catch (cause) {
    const hint = "Leave out uid and gid of the mount, or build as root.";
    throw new TsbuildError(
      "sandbox_unavailable",
      `the socket of an ssh agent cannot be given to ${uid}:${gid} by an ordinary user`,
      { hint, cause },
    );
  }
}
