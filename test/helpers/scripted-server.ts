// A server in this process that answers as a test says: for the faults that a real registry does not have.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface ScriptedServer {
  /** `127.0.0.1:PORT`; over TLS `localhost:PORT` */
  readonly host: string;
  /** `METHOD path?query` of each request, in order. */
  readonly requests: string[];
  /** Headers of each request, in order. */
  readonly headers: IncomingMessage["headers"][];
  stop(): Promise<void>;
}

/** What `answer` throws ends the connection. */
export async function startServer(answer: Answer, tls?: ServerOptions, port = 0): Promise<ScriptedServer> {
  const requests: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const listener: Answer = async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    try {
      await answer(request, response);
    } catch {
      request.socket.destroy();
    }
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    host: `${tls ? "localhost" : "127.0.0.1"}:${(server.address() as AddressInfo).port}`,
    requests,
    headers,
    stop,
  };
}

/** Answers in turn; the last one again and again. */
export function inTurn(...answers: readonly Answer[]): Answer {
  let turn = 0;
  return (request, response) => answers[Math.min(turn++, answers.length - 1)]!(request, response);
}

/** Answers once the whole request was read. */
export function reply(
  status: number,
  headers: Record<string, string | number> = {},
  body: string | Uint8Array = "",
): Answer {
  return (request, response) => {
    request.resume();
    request.once("end", () => response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body));
  };
}
