// A runtime of somebody else than the test: a process of that person runs the steps, one after the other or at once.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { lchownSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";
import type {
  ExitStatus,
  OverlayDirectories,
  SandboxMount,
  SandboxOptions,
  SandboxRuntime,
  SandboxSpec,
} from "../../executor/sandbox/index.js";
import type { RuntimeRecipe } from "./caller.js";
import { type UserBench, USER_ID } from "./users.js";

const sandbox = join(import.meta.dirname, "../../executor/sandbox/index.ts");

/** Requests and answers are lines of JSON with a number that tells which belong together. */
const PROGRAM = `
  import { createInterface } from "node:readline";
  import { chooseRuntime, runInNamespace, subordinateIds } from ${JSON.stringify(sandbox)};
  const recipe = JSON.parse(process.argv[2]);
  const { maps } = subordinateIds();
  if (maps && process.geteuid() !== 0) {
    const args = [process.execPath, ...process.argv.slice(1)];
    process.exit((await runInNamespace(args, { launcher: process.argv[3], maps, env: process.env })).code);
  }
  const runtime = await chooseRuntime(recipe);
  const aborts = new Map();
  const tell = (answer) => process.stdout.write(JSON.stringify(answer) + "\\n");
  const revive = (key, value) => (key === "content" ? Buffer.from(value, "base64") : value);
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, spec, probe, snapshotter } = JSON.parse(line, revive);
    if (!spec && !probe) { aborts.get(id)?.abort(); continue; }
    const controller = new AbortController();
    aborts.set(id, controller);
    const onOutput = (stream, data) => tell({ id, stream, data: Buffer.from(data).toString("base64") });
    const work = probe ? runtime.probeOverlay(probe, snapshotter) : runtime.run(spec, { onOutput, signal: controller.signal });
    work.then(
      (result) => tell({ id, result: result ?? null }),
      (error) => tell({ id, error: { ...error, message: error.message, stack: error.stack } }),
    );
  }
`;

interface Answer {
  readonly id: number;
  readonly stream?: 1 | 2;
  readonly data?: string;
  readonly result?: unknown;
  readonly error?: object;
}

export class UserRuntime implements SandboxRuntime {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #count = 0;

  constructor(
    bench: UserBench,
    person: "mapped" | "single",
    recipe: Required<Pick<RuntimeRecipe, "launcherPath">> & RuntimeRecipe,
  ) {
    this.name = `${recipe.requested} for ${person}`;
    const program = bench.at(`steps-${recipe.requested}.mjs`);
    writeFileSync(program, bundled(), { mode: 0o644 });
    const launcher = bench.at(`launcher-${person}-${recipe.requested}`);
    execFileSync("cp", [recipe.launcherPath, launcher]);
    const words = ["node", program, JSON.stringify({ ...recipe, launcherPath: launcher }), launcher];
    const { file, args, options } = bench.command(person, words);
    this.#process = spawn(file, args, { ...options, stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#process.stdout! }).on("line", (line) => {
      const answer = JSON.parse(line) as Answer;
      this.#waiting.get(answer.id)?.(answer);
    });
  }

  run(spec: SandboxSpec, { onOutput, signal }: SandboxOptions): Promise<ExitStatus> {
    for (const path of [...spec.lowers, spec.upper, spec.work, spec.scratch]) give(path);
    const mounts = spec.mounts.map(encodeSecret);
    return this.#ask({ spec: { ...spec, mounts } }, onOutput, signal) as Promise<ExitStatus>;
  }

  async probeOverlay(
    probe: OverlayDirectories,
    snapshotter: "overlay" | "fuse-overlayfs",
  ): Promise<string | undefined> {
    for (const path of [...probe.lowers, probe.upper, probe.work, probe.scratch]) give(path);
    return ((await this.#ask({ probe, snapshotter }, () => {})) ?? undefined) as string | undefined;
  }

  /** Ends the process, and with it what its steps left. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.on("close", resolve));
    this.#process.stdin!.end();
    await ended;
  }

  #ask(request: object, onOutput: SandboxOptions["onOutput"], signal?: AbortSignal): Promise<unknown> {
    const id = this.#count++;
    const send = (words: object): void => void this.#process.stdin!.write(`${JSON.stringify({ id, ...words })}\n`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ stream, data, result, error }) => {
        if (stream) return onOutput(stream, Buffer.from(data!, "base64"));
        this.#waiting.delete(id);
        if (error) reject(Object.assign(new Error(), error));
        else resolve(result);
      });
      send(request);
      if (signal?.aborted) send({});
      signal?.addEventListener("abort", () => send({}), { once: true });
    });
  }
}

const encodeSecret = (mount: SandboxMount): object =>
  mount.type === "secret" ? { ...mount, content: Buffer.from(mount.content).toString("base64") } : mount;

/** Makes all that is there the user's. */
function give(path: string): void {
  lchownSync(path, USER_ID, USER_ID);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) give(join(path, entry.name));
    else lchownSync(join(path, entry.name), USER_ID, USER_ID);
  }
}

function bundled(): Uint8Array {
  const { outputFiles } = buildSync({
    stdin: { contents: PROGRAM, resolveDir: "/" },
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    logLevel: "silent",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return outputFiles[0]!.contents;
}
