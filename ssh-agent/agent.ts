// What answers the requests of a step to its ssh agent: keys of files, or the user's own agent. A step may list keys and
// sign with them, and nothing else: it can neither add, remove or lock keys, nor use extensions.

import { connect, type Socket } from "node:net";
import type { AgentKey } from "./private-key.js";
import {
  FAILURE,
  IDENTITIES_ANSWER,
  message,
  MessageReader,
  REQUEST_IDENTITIES,
  SIGN_REQUEST,
  SIGN_RESPONSE,
  wireNumber,
  WireReader,
  wireString,
} from "./wire.js";

/** Serves one connection, until either side ends it. */
export type Serve = (client: Socket) => void;

const ALLOWED = [REQUEST_IDENTITIES, SIGN_REQUEST];

export function serveKeys(keys: readonly AgentKey[]): Serve {
  return (client) => converse(client, (request) => client.write(answer(keys, request)));
}

function answer(keys: readonly AgentKey[], request: Buffer): Buffer {
  if (request[0] === REQUEST_IDENTITIES) {
    const list = keys.flatMap(({ blob, comment }) => [wireString(blob), wireString(comment)]);
    return message(IDENTITIES_ANSWER, wireNumber(keys.length), ...list);
  }
  const reader = new WireReader(request.subarray(1));
  const [blob, data, flags] = [reader.string(), reader.string(), reader.number()];
  const key = keys.find((one) => one.blob.equals(blob));
  return key ? message(SIGN_RESPONSE, wireString(key.sign(data, flags))) : message(FAILURE);
}

/** Answers come in the order of the requests, so what is refused is answered by asking the agent what it refuses as well. */
export function forwardTo(path: string): Serve {
  return (client) => {
    const agent = connect(path);
    agent.on("error", () => client.destroy());
    client.on("close", () => agent.destroy());
    agent.pipe(client);
    converse(
      client,
      (request) => agent.write(wireString(request)),
      () => agent.write(message(NO_REQUEST)),
    );
  };
}

/** A type that the protocol leaves to nobody: every agent answers it with failure. */
const NO_REQUEST = 255;

function converse(
  client: Socket,
  onRequest: (request: Buffer) => void,
  onRefused = (): void => void client.write(message(FAILURE)),
): void {
  const reader = new MessageReader();
  client.on("error", () => client.destroy());
  client.on("data", (data: Uint8Array) => {
    try {
      for (const request of reader.read(data)) {
        if (ALLOWED.includes(request[0]!)) onRequest(request);
        else onRefused();
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      client.destroy(); // what it sends is no message of the protocol
    }
  });
}
