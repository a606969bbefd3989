// Launchers that are ready for their programs. To fork a process as large as Node takes milliseconds, so from the second step on a
// small process does it: the launcher's own `standby` mode (launcher/standby.c). And what the next step needs, whatever it is, one
// of them does while this step is at work. All of that ends with this process, as its sockets do.

import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { Conversation, type OnChild } from "./conversation.js";
import { startLauncher } from "./launch.js";
import type { FirstProgram } from "./setup.js";

/** Launchers of the first serving process, and of others: a build of many steps is likely to have many more. */
const [FIRST_SLOTS, MORE_SLOTS] = [8, 32];
/** Milliseconds after which what nobody asked for is let go: after a step that takes longer, what it saves is nothing. */
const PATIENCE = 2000;

interface Prepared {
  readonly launcher: Conversation;
  readonly program: FirstProgram;
}

export class Launchers {
  readonly #path: string;
  readonly #onChild: OnChild;
  #slots: Conversation[] = [];
  #prepared: Prepared | undefined;
  #isReused = false;
  #hasServed = false;
  #usedAt = 0;
  #patience: NodeJS.Timeout | undefined;
  /** Those that have been used or let go, until they have ended. */
  readonly #leaving = new Set<Conversation>();

  /** @param path of the launcher's binary */
  constructor(path: string, onChild: OnChild) {
    this.#path = path;
    this.#onChild = onChild;
  }

  /** A launcher that does `program`, or has done it already. */
  take(program: FirstProgram): Conversation {
    const prepared = this.#prepared?.program.encoded.equals(program.encoded) ? this.#prepared.launcher : undefined;
    if (prepared?.isOpen) {
      this.#prepared = undefined;
      return this.#use(prepared);
    }
    const launcher = this.#ready() ?? startLauncher(this.#path, { onChild: this.#onChild });
    launcher.tell(program.encoded, program.asks);
    return this.#use(launcher);
  }

  /**
   * Called while a step is at work, when this process is idle: from the second step on, there will be another as likely as not.
   * @param program what the next step will begin with, if it is like this one; undefined when that cannot be done before
   */
  prepare(program: FirstProgram | undefined): void {
    if (this.#isReused) this.#getReady(program);
    this.#isReused = true;
    this.#usedAt = performance.now();
    this.#patience ??= setInterval(() => this.#letGoIfUnused(), PATIENCE).unref();
  }

  /** Lets go of all that is ready. Settles when nothing of it, and of what was used, is left. */
  async rest(): Promise<void> {
    this.#letGo();
    await Promise.all([...this.#leaving].map(({ gone }) => gone));
  }

  #getReady(program: FirstProgram | undefined): void {
    if (this.#slots.length === 0) this.#slots = this.#startServer();
    if (!program || this.#prepared?.launcher.isOpen) return;
    const launcher = this.#ready();
    launcher?.tell(program.encoded, program.asks);
    this.#prepared = launcher && { launcher, program };
  }

  #startServer(): Conversation[] {
    const count = this.#hasServed ? MORE_SLOTS : FIRST_SLOTS;
    this.#hasServed = true;
    return startServer(this.#path, count, this.#onChild);
  }

  #ready(): Conversation | undefined {
    for (let slot = this.#slots.shift(); slot; slot = this.#slots.shift()) if (slot.isOpen) return slot; // else its server was killed
    return undefined;
  }

  #use(launcher: Conversation): Conversation {
    launcher.hold(true);
    this.#leaving.add(launcher);
    void launcher.gone.then(() => this.#leaving.delete(launcher));
    return launcher;
  }

  #letGoIfUnused(): void {
    if (performance.now() - this.#usedAt >= PATIENCE) this.#letGo();
  }

  #letGo(): void {
    clearInterval(this.#patience);
    this.#patience = undefined;
    const { launcher } = this.#prepared ?? {};
    this.#prepared = undefined;
    for (const slot of [...this.#slots.splice(0), ...(launcher ? [launcher] : [])]) this.#use(slot).dismiss();
  }
}

/** Signals to the caller's process group are the caller's to act on: the server is in a session of its own, and so are launchers. */
function startServer(path: string, count: number, onChild: OnChild): Conversation[] {
  const slots = Array.from({ length: count }, () => ["pipe", "pipe", "pipe"] as const).flat();
  const stdio = ["ignore", "ignore", "ignore", ...slots] as const;
  const server = spawn(path, ["standby", String(count)], { stdio: [...stdio], env: {}, cwd: "/", detached: true });
  server.on("error", () => {}); // its sockets close, and whoever needs a launcher starts one
  server.unref();
  return Array.from({ length: count }, (_, slot) => inSlot(server.stdio.slice(3 + 3 * slot) as Socket[], onChild));
}

function inSlot([control, stdout, stderr]: readonly Socket[], onChild: OnChild): Conversation {
  const sockets = [control!, stdout!, stderr!];
  const closed = sockets.map((socket) => new Promise<void>((resolve) => void socket.on("close", () => resolve())));
  const gone = Promise.all(closed).then(() => {});
  const launcher = new Conversation({ control: control!, stdout: stdout!, stderr: stderr!, gone }, onChild);
  launcher.hold(false);
  return launcher;
}
