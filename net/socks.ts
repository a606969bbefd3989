// Connections through a SOCKS proxy, which looks up names itself.
// https://www.rfc-editor.org/rfc/rfc1928, https://www.rfc-editor.org/rfc/rfc1929

import { connect, isIP, type Socket } from "node:net";
import { hostOf } from "./proxy.js";

const VERSION = 5;
const METHODS = { none: 0, password: 2 } as const;
const CONNECT = 1;
const NAME = 3;
const PORT = 1080;
/** Milliseconds for all of it. */
const TIMEOUT = 30_000;

/** What follows the first four bytes of an answer, by the kind of address: its length, where it has one. */
const ADDRESS: Readonly<Record<number, number>> = { 1: 4, 4: 16 };

const REFUSALS: readonly string[] = [
  "",
  "it failed",
  "it does not allow that",
  "no route to the network",
  "no route to the host",
  "connection refused",
  "no answer in time",
  "it cannot connect",
  "it knows no such address",
];

/** A connection to `authority` (`host:port`) that `proxy` (socks5://, socks5h://) made. */
export async function openSocksTunnel(proxy: URL, authority: string): Promise<Socket> {
  const socket = connect({ host: hostOf(proxy), port: Number(proxy.port || PORT) });
  const reader = new Reader(socket, proxy);
  const timer = setTimeout(() => socket.destroy(failed(proxy, "does not answer", "ETIMEDOUT")), TIMEOUT);
  try {
    await greet(socket, reader, proxy);
    socket.write(requestFor(authority));
    await expectConnected(reader, proxy);
    reader.end();
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function greet(socket: Socket, reader: Reader, proxy: URL): Promise<void> {
  const methods = proxy.username === "" ? [METHODS.none] : [METHODS.none, METHODS.password];
  socket.write(Buffer.from([VERSION, methods.length, ...methods]));
  const [version, method] = await reader.read(2);
  if (version !== VERSION) throw failed(proxy, "does not speak SOCKS 5");
  if (method === METHODS.none) return;
  if (method !== METHODS.password || proxy.username === "") throw failed(proxy, "wants a user and a password");
  const [user, password] = [proxy.username, proxy.password].map((text) => Buffer.from(decodeURIComponent(text)));
  socket.write(Buffer.concat([Buffer.from([1, user!.length]), user!, Buffer.from([password!.length]), password!]));
  if ((await reader.read(2))[1] !== 0) throw failed(proxy, "does not accept the user and the password");
}

function requestFor(authority: string): Buffer {
  const [, name = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(authority) ?? [];
  const host = Buffer.from(name);
  const end = Buffer.alloc(2);
  end.writeUInt16BE(Number(port));
  if (isIP(name) !== 4) return Buffer.concat([Buffer.from([VERSION, CONNECT, 0, NAME, host.length]), host, end]);
  return Buffer.concat([Buffer.from([VERSION, CONNECT, 0, 1, ...name.split(".").map(Number)]), end]);
}

async function expectConnected(reader: Reader, proxy: URL): Promise<void> {
  const [, code = 1, , kind = 1] = await reader.read(4);
  if (code !== 0) throw failed(proxy, `made no connection: ${REFUSALS[code] ?? `code ${code}`}`);
  const length = ADDRESS[kind] ?? (await reader.read(1))[0] ?? 0;
  await reader.read(length + 2); // where it connects from, and the port
}

/** Reads so many bytes after the other; what comes behind stays in the socket. */
class Reader {
  readonly #socket: Socket;
  #failure: Error | undefined;
  #wake: () => void = () => {};
  readonly #onFailure: (error?: Error | boolean) => void;
  readonly #onReadable = (): void => this.#wake();

  constructor(socket: Socket, proxy: URL) {
    this.#socket = socket;
    this.#onFailure = (error) => {
      this.#failure ??= error instanceof Error ? error : failed(proxy, "closed the connection", "ECONNRESET");
      this.#wake();
    };
    socket.on("readable", this.#onReadable).on("error", this.#onFailure);
    socket.on("end", this.#onFailure).on("close", this.#onFailure);
  }

  async read(count: number): Promise<Buffer> {
    for (;;) {
      const bytes = this.#socket.read(count) as Buffer | null;
      if (bytes !== null) return bytes;
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Leaves the socket to whoever uses it then. */
  end(): void {
    this.#socket.off("readable", this.#onReadable).off("error", this.#onFailure);
    this.#socket.off("end", this.#onFailure).off("close", this.#onFailure);
  }
}

function failed(proxy: URL, reason: string, code = "PROXY_REFUSED"): Error {
  return Object.assign(new Error(`the proxy ${proxy.host} ${reason}`), { code });
}
