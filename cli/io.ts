// The world that a command may touch, so that tests can give it another one.

import type { Readable, Writable } from "node:stream";
import type { ProgressOutput } from "./progress/progress.js";

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  /** Results only. */
  readonly stdout: Writable & { readonly isTTY?: boolean };
  /** Progress, notes, warnings and errors. */
  readonly stderr: ProgressOutput & { write(data: string | Uint8Array): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  /** Has a listener told of the signals of this process, in place of aborting `signal`, until the function that it returns is called. */
  readonly signals: (listener: (signal: NodeJS.Signals) => void) => () => void;
}

/** Everything that `stream` holds. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
