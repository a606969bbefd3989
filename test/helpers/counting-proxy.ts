// A server in front of another one that notes each request with the bytes that it moved.

import http, { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface CountedRequest {
  readonly method: string;
  readonly path: string;
  /** Bytes of the answer's body. */
  bytes: number;
  /** Bytes of the request's body. */
  sent: number;
}

export interface CountingProxy {
  /** `localhost:PORT` */
  readonly host: string;
  readonly requests: CountedRequest[];
  /** Answers 403 to everything. */
  refuse: boolean;
  /** Says what becomes of the answer to a request: it is a 404, or one of its bytes is another. @default nothing */
  tamper: ((request: CountedRequest) => "missing" | "damaged" | undefined) | undefined;
  stop(): Promise<void>;
}

/** @param target `localhost:PORT` of a server that speaks plain http */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const requests: CountedRequest[] = [];
  const server = createServer((request, response) => {
    if (proxy.refuse) return void response.writeHead(403).end();
    const [path = ""] = request.url!.split("?");
    const counted: CountedRequest = { method: request.method!, path, bytes: 0, sent: 0 };
    requests.push(counted);
    const fault = proxy.tamper?.(counted);
    if (fault === "missing") return void response.writeHead(404).end();
    forward(target, request, response, { counted, isDamaged: fault === "damaged" });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: CountingProxy = {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    requests,
    refuse: false,
    tamper: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

interface Forwarding {
  readonly counted: CountedRequest;
  readonly isDamaged: boolean;
}

/** The Host header stays, so that the server's Locations lead back here. */
function forward(target: string, request: IncomingMessage, response: ServerResponse, forwarding: Forwarding): void {
  const { counted, isDamaged } = forwarding;
  const [hostname, port] = target.split(":");
  const { method, url, headers } = request;
  const outgoing = http.request({ hostname, port, method, path: url, headers }, (answer) => {
    answer.on("data", (chunk: Buffer) => {
      if (isDamaged && counted.bytes === 0) chunk[chunk.length >> 1]! ^= 1;
      counted.bytes += chunk.length;
    });
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  request.on("data", (chunk: Buffer) => (counted.sent += chunk.length));
  outgoing.on("error", () => request.socket.destroy());
  request.pipe(outgoing);
}
