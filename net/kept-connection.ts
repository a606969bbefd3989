// A connection that one exchange uses after the other. What it reads goes straight where the exchange wants it.
// https://www.rfc-editor.org/rfc/rfc9112#name-connection-management

import type { OnReadOpts, Socket } from "node:net";

/** The exchange that a connection is used for. */
export interface Receiver {
  /** Where the next bytes go: at first some 16 KiB or more. */
  buffer(): Uint8Array;
  /** Told how many bytes came there. @returns whether more may be read */
  receive(count: number): boolean;
  connected(): void;
  fail(error: Error): void;
}

/** Milliseconds that it waits for another exchange; servers wait 5 seconds and more. */
const IDLE = 4000;
/** Bytes that are read before it is asked where to. */
const LANDING = 16 << 10;

export class KeptConnection {
  readonly #socket: Socket;
  readonly #onIdle: (connection: KeptConnection) => void;
  #receiver: Receiver | undefined;
  /** The system is told where to read to when the read before is over: the first bytes of an answer come here. */
  readonly #landing = new Uint8Array(LANDING);
  #isConnected = false;
  /** Bytes that had been read when the exchange began. */
  #before = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param open opens the socket, and says with which event it can be used
   * @param onIdle told when an exchange has ended and left the connection to the next
   */
  constructor(
    open: (onread: OnReadOpts) => { readonly socket: Socket; readonly ready: string },
    onIdle: (connection: KeptConnection) => void,
  ) {
    this.#onIdle = onIdle;
    const { socket, ready } = open({
      buffer: () => this.#receiver?.buffer() ?? this.#landing,
      callback: (count, bytes) => this.#read(count, bytes),
    });
    this.#socket = socket;
    socket.once(ready, () => {
      this.#isConnected = true;
      this.#receiver?.connected();
    });
    socket.on("error", (error) => this.#receiver?.fail(error));
    socket.once("close", () => this.#receiver?.fail(closed()));
  }

  get socket(): Pick<Socket, "bytesRead" | "bytesWritten"> {
    return this.#socket;
  }

  get isUsable(): boolean {
    return !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  /** Whether the server has answered anything to what it was asked last. */
  get hasAnswered(): boolean {
    return this.#socket.bytesRead > this.#before;
  }

  /** @param head the request, as it is sent */
  ask(head: string, receiver: Receiver): void {
    clearTimeout(this.#timer);
    this.#socket.ref();
    this.#before = this.#socket.bytesRead;
    this.#receiver = receiver;
    if (this.#isConnected) receiver.connected();
    this.#socket.write(head);
  }

  /** Reads on after `receive` said that it must not. */
  resume(): void {
    this.#socket.resume();
  }

  /** The exchange has ended, and nothing of it is left in the connection. */
  release(): void {
    this.#receiver = undefined;
    this.#socket.unref();
    this.#timer = setTimeout(() => this.destroy(), IDLE).unref();
    this.#onIdle(this);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#receiver = undefined;
    this.#socket.destroy();
  }

  #read(count: number, bytes: Uint8Array): boolean {
    const receiver = this.#receiver;
    if (receiver === undefined) {
      this.destroy(); // nobody asked
      return false;
    }
    if (bytes === this.#landing) receiver.buffer().set(bytes.subarray(0, count));
    return receiver.receive(count);
  }
}

function closed(): Error {
  return Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" });
}
