// Launchers that are ready for their programs. To fork a process as large as Node takes milliseconds, so from the second step on a
// small process does it: the launcher's own `standby` mode (launcher/standby.c). It ends with this process, as its sockets do.

import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";

/** A launcher that waits for its program. */
export interface ReadyLauncher {
  readonly control: Socket;
  /** Null when the command has the streams of this process. */
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Settles when nothing of the launcher and its sandbox is left. */
  readonly ended: Promise<void>;
}

/** Launchers of one serving process. */
const SLOTS = 8;
/** Milliseconds after which a serving process that nobody asked is let go. */
const PATIENCE = 10_000;

export class Launchers {
  readonly #path: string;
  #slots: ReadyLauncher[] = [];
  #isReused = false;
  #patience: NodeJS.Timeout | undefined;

  /** @param path of the launcher's binary */
  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined when none is ready: then the caller starts one. */
  take(): ReadyLauncher | undefined {
    for (let slot = this.#slots.shift(); slot; slot = this.#slots.shift()) {
      if (slot.control.destroyed) continue; // its server was killed
      for (const socket of socketsOf(slot)) socket.ref();
      return slot;
    }
    return undefined;
  }

  /** Called while a step is at work, when this process is idle: from the second step on, there will be another as likely as not. */
  prepare(): void {
    if (this.#isReused && this.#slots.length === 0) this.#slots = startServer(this.#path);
    this.#isReused = true;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#letGo(), PATIENCE).unref();
  }

  #letGo(): void {
    for (const { control } of this.#slots.splice(0)) control.destroy();
  }
}

/** Signals to the caller's process group are the caller's to act on: the server is in a session of its own, and so are launchers. */
function startServer(path: string): ReadyLauncher[] {
  const slots = Array.from({ length: SLOTS }, () => ["pipe", "pipe", "pipe"] as const).flat();
  const stdio = ["ignore", "ignore", "ignore", ...slots] as const;
  const server = spawn(path, ["standby", String(SLOTS)], { stdio: [...stdio], env: {}, cwd: "/", detached: true });
  server.on("error", () => {}); // its sockets close, and whoever needs a launcher starts one
  server.unref();
  return Array.from({ length: SLOTS }, (_, slot) => readyLauncher(server.stdio.slice(3 + 3 * slot) as Socket[]));
}

function readyLauncher([control, stdout, stderr]: readonly Socket[]): ReadyLauncher {
  const sockets = [control!, stdout!, stderr!];
  for (const socket of sockets) {
    socket.on("error", () => {}); // it closes then
    socket.unref();
  }
  control!.resume(); // else nothing tells that the server has ended
  const closed = sockets.map((socket) => new Promise<void>((resolve) => void socket.on("close", () => resolve())));
  return { control: control!, stdout: stdout!, stderr: stderr!, ended: Promise.all(closed).then(() => {}) };
}

const socketsOf = ({ control, stdout, stderr }: ReadyLauncher): Socket[] => [
  control,
  stdout as Socket,
  stderr as Socket,
];
