// The socket that a step sees as its ssh agent.

import { closeSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { basename, join } from "node:path";
import { TsbuildError } from "../errors.js";
import { forwardTo, type Serve, serveKeys } from "./agent.js";
import { parsePrivateKey } from "./private-key.js";

export interface AgentSocket {
  readonly path: string;
  /** Another name of it, for as long as it is open, that is short enough for any program. */
  readonly shortPath: string;
  /** Ends all connections, and removes the socket. */
  readonly close: () => void;
}

/**
 * Listens at a new socket of `directory` for what `sources` name: one agent's socket, or files with keys.
 * @throws secret_not_found, bad_value
 */
export async function openAgent(directory: string, name: string, sources: readonly string[]): Promise<AgentSocket> {
  const serve = serverOf(sources);
  const path = join(directory, name);
  const handle = openSync(directory, "r");
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("close", () => clients.delete(client));
    serve(client);
  });
  const close = () => {
    for (const client of clients) client.destroy();
    server.close();
    rmSync(path, { force: true });
    closeSync(handle);
  };
  await listen(server, `/proc/self/fd/${handle}/${name}`).catch((error: unknown) => {
    close();
    throw error;
  });
  return { path, shortPath: `/proc/${process.pid}/fd/${handle}/${name}`, close };
}

/** Paths of sockets have at most 107 bytes: this one is named below an open directory. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => server.once("error", reject).listen(path, resolve));
}

function serverOf(sources: readonly string[]): Serve {
  const [first] = sources;
  const sockets = sources.filter(isSocket);
  if (sockets.length === 0) return serveKeys(sources.map(readKey));
  if (sources.length === 1) return forwardTo(first!);
  throw new TsbuildError("bad_value", `expected one agent's socket or files with keys, found ${sources.join(", ")}`, {
    hint: "Give sockets and keys under different ids.",
  });
}

function isSocket(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats) return stats.isSocket();
  throw new TsbuildError(
    "secret_not_found",
    `expected an ssh agent's socket or a private key at "${path}", found nothing`,
    { hint: "Start ssh-agent and pass its SSH_AUTH_SOCK, or pass the path of a key." },
  );
}

const readKey = (path: string) => parsePrivateKey(readFileSync(path, "utf8"), basename(path));
