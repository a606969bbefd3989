// Steps for tests of the sandbox: a root of busybox, and a run of one command in it.

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ExitStatus, SandboxRuntime, SandboxSpec } from "../../executor/sandbox/index.js";
import { openDirectory } from "./open-directory.js";

const BUSYBOX = "/usr/bin/busybox"; // of Debian's busybox-static
const DEFAULT_ENV = ["PATH=/usr/bin:/bin"];

export interface StepResult {
  readonly status: ExitStatus;
  readonly stdout: string;
  readonly stderr: string;
  readonly output: Buffer;
  /** The directory with the step's changes. It is there until the bench is closed. */
  readonly upper: string;
}

export type StepOptions = Partial<Omit<SandboxSpec, "args">> & { readonly signal?: AbortSignal };

/** A directory with a root filesystem of busybox, in which steps run until it is closed. */
export class StepBench {
  readonly directory = mkdtempSync(join(openDirectory(), "tsbuild-steps-"));
  readonly root = join(this.directory, "root");
  #steps = 0;

  constructor() {
    chmodSync(this.directory, 0o755); // steps of other users than the test's
    for (const name of ["bin", "etc", "proc", "sys", "dev", "run", "root"])
      mkdirSync(join(this.root, name), { recursive: true });
    mkdirSync(join(this.root, "tmp"));
    chmodSync(join(this.root, "tmp"), 0o1777);
    for (const name of ["hosts", "resolv.conf"]) writeFileSync(join(this.root, "etc", name), "");
    copyFileSync(BUSYBOX, join(this.root, "bin/busybox"));
    for (const name of execFileSync(BUSYBOX, ["--list"], { encoding: "utf8" }).trim().split("\n")) {
      if (name !== "busybox") symlinkSync("busybox", join(this.root, "bin", name));
    }
  }

  /** Everything that a runtime needs for `args`; what `options` doesn't say is an ordinary step of root. */
  spec(args: readonly string[], options: StepOptions = {}): SandboxSpec {
    const directory = join(this.directory, `step-${this.#steps++}`);
    const paths = {
      upper: join(directory, "upper"),
      work: join(directory, "work"),
      scratch: join(directory, "scratch"),
    };
    for (const path of Object.values(paths)) mkdirSync(path, { recursive: true });
    const [hosts, resolvConf] = [join(paths.scratch, "hosts"), join(paths.scratch, "resolv.conf")];
    writeFileSync(hosts, "127.0.0.1\tlocalhost buildkitsandbox\n");
    writeFileSync(resolvConf, "nameserver 192.0.2.1\n");
    return {
      ...paths,
      hosts,
      resolvConf,
      args,
      lowers: [this.root],
      env: DEFAULT_ENV,
      cwd: "/",
      uid: 0,
      gid: 0,
      groups: [0],
      hostname: "buildkitsandbox",
      mounts: [],
      network: "host",
      confined: true,
      noNewPrivileges: false,
      ...options,
    };
  }

  async run(runtime: SandboxRuntime, args: readonly string[], options: StepOptions = {}): Promise<StepResult> {
    const spec = this.spec(args, options);
    const chunks: [Uint8Array[], Uint8Array[]] = [[], []];
    const { signal } = options;
    const status = await runtime.run(spec, {
      onOutput: (stream, data) => chunks[stream - 1]!.push(data),
      ...(signal && { signal }),
    });
    const [output, errors] = [Buffer.concat(chunks[0]), Buffer.concat(chunks[1])];
    return { status, output, stdout: output.toString(), stderr: errors.toString(), upper: spec.upper };
  }

  /** Runs a line of shell. */
  shell(runtime: SandboxRuntime, line: string, options: StepOptions = {}): Promise<StepResult> {
    return this.run(runtime, ["sh", "-c", line], options);
  }

  /** A lower directory that has only an empty file: a place to mount on. */
  scaffold(path: string): string {
    const directory = mkdtempSync(join(this.directory, "scaffold-"));
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), "");
    return directory;
  }

  /** Files below `directory` that have `text` in them. */
  filesWith(directory: string, text: string): string[] {
    const { stdout } = spawnSync("grep", ["-rlF", "--", text, directory], { encoding: "utf8" });
    return stdout.split("\n").filter((line) => line !== "");
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
