// Runs bin/tsbuild as a user does, each test file with a store of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { outputFileSync } from "fs-extra/esm";

const BIN = resolve(import.meta.dirname, "../../bin/tsbuild");

export interface CliResult {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  /** What it wrote to stderr so far. */
  stderr(): string;
  readonly result: Promise<CliResult>;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** A command that ends by executing the one it is given. Its stdin stays open. */
  readonly within?: readonly [program: string, ...args: readonly string[]];
}

/** A temporary directory with a store in it, and the command line that uses that store. */
export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), "tsbuild-e2e-"));
  readonly home = join(this.path, "home");
  readonly #running = new Set<ChildProcess>();

  /** Runs to the end. Never fails: look at `code`. */
  run(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return this.start(args, options).result;
  }

  /** Runs to the end, and throws what it printed when it ends with anything but 0. */
  async expectSuccess(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    const result = await this.run(args, options);
    if (result.code === 0) return result;
    throw new Error(`tsbuild ${args.join(" ")} ended with ${result.signal ?? result.code}\n${result.stderr}`);
  }

  start(args: readonly string[], { cwd = this.path, env = {}, stdin = "", within }: CliOptions = {}): RunningCli {
    const [program, ...rest] = [...(within ?? []), BIN, ...args] as [string, ...string[]];
    const child = spawn(program, rest, { cwd, env: { ...this.#environment(), ...env }, stdio: "pipe" });
    this.#running.add(child);
    child.stdin.on("error", () => {}); // it may end without reading
    if (!within) child.stdin.end(stdin);
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const result = new Promise<CliResult>((done, fail) => {
      child.on("error", fail);
      child.on("close", (code, signal) => {
        this.#running.delete(child);
        done({ code: code ?? undefined, signal: signal ?? undefined, ...output });
      });
    });
    return { child, stderr: () => output.stderr, result };
  }

  /** Writes files below a folder of the workspace and returns the folder. */
  files(folder: string, contents: Readonly<Record<string, string>>): string {
    for (const [name, content] of Object.entries(contents)) {
      const path = join(this.path, folder, name);
      outputFileSync(path, content);
    }
    return join(this.path, folder);
  }

  /** Deletes everything, and ends what a failed test left running. */
  remove(): void {
    for (const child of this.#running) child.kill("SIGKILL");
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Without the user's own configuration, and without the variables that change what tsbuild does or prints. */
  #environment(): NodeJS.ProcessEnv {
    const { PATH, HOME, LANG } = process.env;
    const known = { PATH, HOME, LANG };
    return { ...known, TSBUILD_HOME: this.home, DOCKER_CONFIG: join(this.path, "docker"), TMPDIR: this.#temporary() };
  }

  /** Where tsbuild puts temporary files, so that a test can see that none is left. */
  #temporary(): string {
    const path = join(this.path, "tmp");
    mkdirSync(path, { recursive: true });
    return path;
  }
}
