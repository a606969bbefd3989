// A program that works beside a step: it says when it is ready, and ends when a pipe to it closes.

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { TsbuildError } from "../../errors.js";

export interface HelperPipes {
  /** The first byte says that it is ready. */
  readonly ready: unknown;
  /** Closed to end it; the kernel closes it when this process ends. */
  readonly end: Writable;
}

/** Waits until it is ready. @returns what ends it @throws sandbox_unavailable with its complaint, when it ends before */
export async function helper(child: ChildProcess, name: string, pipes: HelperPipes): Promise<() => Promise<void>> {
  const ready = pipes.ready as Readable;
  let complaint = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (complaint = (complaint + text).slice(-4096)));
  pipes.end.on("error", () => {}); // it ended before
  const closed = once(child, "close").catch((error: Error) => void (complaint += error.message));
  const first = await Promise.race([once(ready, "data"), closed.then(() => undefined)]);
  if (first === undefined) throw unavailable(name, complaint);
  ready.resume();
  return async () => {
    pipes.end.destroy();
    await closed;
  };
}

function unavailable(name: string, complaint: string): TsbuildError {
  const lines = complaint.split("\n").map((line) => line.trim());
  const reason = lines.filter((line) => line !== "" && !NOISE.test(line)).slice(-2);
  const message = `${name} cannot make an isolated network: ${reason.join("; ") || "it ended at once"}`;
  return new TsbuildError("sandbox_unavailable", message, {
    hint: isTunOpen() ? "Leave out --network=isolated." : "Let this user open /dev/net/tun (chmod 666 /dev/net/tun).",
  });
}

/** What the programs say of their work, and of logs that are not there. */
const NOISE = /tapfd|syslog/;

/** Each of the programs needs it. */
function isTunOpen(): boolean {
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
