// The command of --on-built: started when an image is built, ended before it is started for the next.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { BuildResult } from "../../index.js";
import type { Io } from "../io.js";

/** Milliseconds to end by itself after SIGTERM. */
const GRACE = 5_000;

export class Follower {
  readonly #command: string;
  readonly #io: Pick<Io, "env" | "stderr">;
  #running: ChildProcess | undefined;

  constructor(command: string, io: Pick<Io, "env" | "stderr">) {
    this.#command = command;
    this.#io = io;
  }

  /** Ends what runs, and starts the command: TSBUILD_IMAGE_ID and TSBUILD_IMAGE tell it what was built. */
  async restart({ imageId, names }: BuildResult): Promise<void> {
    await this.stop();
    const env = { ...this.#io.env, TSBUILD_IMAGE_ID: imageId, TSBUILD_IMAGE: names[0] ?? imageId };
    const child = spawn("/bin/sh", ["-c", this.#command], { env, stdio: "inherit", detached: true });
    this.#running = child;
    child.on("error", ({ message }) => this.#io.stderr.write(`note: --on-built: ${message}\n`));
    child.on("exit", (code, signal) => {
      if (this.#running !== child) return;
      this.#running = undefined;
      if (code !== 0) this.#io.stderr.write(`note: --on-built: the command ended with ${signal ?? code}\n`);
    });
  }

  /** The command and all that it started. */
  async stop(): Promise<void> {
    const child = this.#running;
    this.#running = undefined;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    kill(child.pid, "SIGTERM");
    const timer = setTimeout(() => kill(child.pid!, "SIGKILL"), GRACE);
    await ended;
    clearTimeout(timer);
  }
}

/** The process group: a shell does not pass signals on. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
