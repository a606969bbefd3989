// Exchanges through a SOCKS proxy that knows the rules of RFC 1928 and 1929.

import { readFileSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import { cannotReach, reasonOf, Transport } from "../../net/index.js";
import { makeCertificates } from "../helpers/registry.js";

const certificates = makeCertificates();
const asked: string[] = [];
const sockets = new Set<Socket>();
let servers: (Server | HttpServer)[] = [];
let plain: number;
let secure: number;

const listen = async (server: Server | HttpServer): Promise<number> => {
  servers.push(server);
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

beforeAll(async () => {
  plain = await listen(createHttpServer((_, response) => response.end("plain")));
  const tls = { key: readFileSync(certificates.key), cert: readFileSync(certificates.cert) };
  secure = await listen(createSecureServer(tls, (_, response) => response.end("secure")));
});
afterEach(() => void asked.splice(0));
afterAll(() => {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
  servers = [];
  certificates.remove();
});

/** Takes what it is asked to connect to for a port of this machine. */
function socks(password?: string, refusal = 0): Promise<number> {
  const serve = async (socket: Socket) => {
    const next = async (count: number): Promise<Buffer> => {
      for (;;) {
        const bytes = socket.read(count) as Buffer | null;
        if (bytes) return bytes;
        await new Promise((resolve) => socket.once("readable", resolve));
      }
    };
    const [, methods = 0] = await next(2);
    const offered = await next(methods);
    const method = password === undefined ? 0 : 2;
    socket.write(Buffer.from([5, offered.includes(method) ? method : 255]));
    if (!offered.includes(method)) return;
    if (password !== undefined) {
      const [, length = 0] = await next(2);
      const user = String(await next(length));
      const given = String(await next((await next(1))[0]!));
      socket.write(Buffer.from([1, `${user}:${given}` === password ? 0 : 1]));
      if (`${user}:${given}` !== password) return;
    }
    const [, , , kind] = await next(4);
    const name = kind === 3 ? String(await next((await next(1))[0]!)) : (await next(4)).join(".");
    const port = (await next(2)).readUInt16BE();
    asked.push(`${name}:${port}`);
    socket.write(Buffer.concat([Buffer.from([5, refusal, 0, 3, 1]), Buffer.from("x"), Buffer.alloc(2)]));
    if (refusal > 0) return;
    const target = connect(port, "127.0.0.1");
    sockets.add(target.on("error", () => socket.destroy()));
    target.pipe(socket).pipe(target);
  };
  return listen(createServer((socket) => void serve(socket.on("error", () => {})).catch(() => socket.destroy())));
}

async function get(url: string, proxy: string): Promise<string> {
  const environment = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, SSL_CERT_FILE: certificates.ca };
  const unreachable = ({ url: { host } }: { url: URL }, cause: unknown) =>
    new TsbuildError("source_unreachable", cannotReach(host, reasonOf(cause)), { cause });
  const transport = new Transport({ environment, userAgent: "x", isInsecure: () => false, unreachable });
  try {
    return String(await buffer(await transport.get({ url: new URL(url) })));
  } finally {
    transport.close();
  }
}

describe("SOCKS 5 (RFC 1928)", () => {
  test.each(["socks5", "socks5h"])("%s:// carries http and https, and looks up names", async (scheme) => {
    const proxy = `${scheme}://127.0.0.1:${await socks()}`;
    expect(await get(`http://registry.test:${plain}/`, proxy)).toBe("plain");
    expect(await get(`https://registry.test:${secure}/`, proxy)).toBe("secure");
    expect(await get(`http://192.0.2.1:${plain}/`, proxy)).toBe("plain");
    expect(asked).toEqual([`registry.test:${plain}`, `registry.test:${secure}`, `192.0.2.1:${plain}`]);
  });

  test("shows user and password where the proxy wants them (RFC 1929)", async () => {
    const port = await socks("me:p@ss");
    expect(await get(`http://registry.test:${plain}/`, `socks5://me:p%40ss@127.0.0.1:${port}`)).toBe("plain");
    const url = `http://registry.test:${plain}/`;
    await expect(get(url, `socks5://me:no@127.0.0.1:${port}`)).rejects.toThrow(
      "does not accept the user and the password",
    );
    await expect(get(url, `socks5://127.0.0.1:${port}`)).rejects.toThrow("wants a user and a password");
  });

  test("says why there is no connection", async () => {
    const url = `https://registry.test:${secure}/`;
    const port = await socks(undefined, 5);
    await expect(get(url, `socks5://127.0.0.1:${port}`)).rejects.toThrow(
      `cannot reach registry.test:${secure}: the proxy 127.0.0.1:${port} made no connection: connection refused`,
    );
    await expect(get(url, `socks5://127.0.0.1:${plain}`)).rejects.toThrow("does not speak SOCKS 5");
    await expect(get(url, "socks5://127.0.0.1:1")).rejects.toThrow(
      `cannot reach the proxy 127.0.0.1:1 (HTTPS_PROXY) on the way to registry.test:${secure}: connection refused`,
    );
  });
});

test("a proxy that speaks plain HTTP where TLS was meant is named, not the host behind it", async () => {
  await expect(get(`https://registry.test:${secure}/`, `https://127.0.0.1:${plain}`)).rejects.toThrow(
    `cannot reach the proxy 127.0.0.1:${plain} (HTTPS_PROXY) on the way to registry.test:${secure}: it does not speak TLS`,
  );
});
