// A runtime of somebody else than the test: a process of that person runs the steps.

import { copyFileSync, lchownSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
import { ANSWERING, LineProcess } from "./line-process.js";
import { type UserBench, USER_ID } from "./users.js";

const sandbox = join(import.meta.dirname, "../../executor/sandbox/index.ts");

const PROGRAM = `
  import { chooseRuntime, runInNamespace, subordinateIds } from ${JSON.stringify(sandbox)};
  ${ANSWERING}
  const { maps } = subordinateIds();
  if (maps && process.geteuid() !== 0) {
    const args = [process.execPath, ...process.argv.slice(1)];
    process.exit((await runInNamespace(args, { launcher: process.argv[3], maps, env: process.env })).code);
  }
  const runtime = await chooseRuntime(JSON.parse(process.argv[2]));
  await answer(({ spec, directories, snapshotter }, onOutput, signal) =>
    spec ? runtime.run(spec, { onOutput, signal }) : runtime.probeOverlay(directories, snapshotter));
`;

export class UserRuntime implements SandboxRuntime {
  readonly runsHooks = false;
  readonly name: string;
  readonly #process: LineProcess;

  constructor(bench: UserBench, person: "mapped" | "single", recipe: Required<RuntimeRecipe>) {
    this.name = `${recipe.requested} for ${person}`;
    const [program, launcher] = ["steps.mjs", "launcher"].map((name) =>
      bench.at(`${person}-${recipe.requested}-${name}`),
    );
    writeFileSync(program!, bundled(), { mode: 0o644 });
    copyFileSync(recipe.launcherPath, launcher!);
    const words = ["node", program!, JSON.stringify({ ...recipe, launcherPath: launcher }), launcher!];
    this.#process = new LineProcess(bench.command(person, words));
  }

  run(spec: SandboxSpec, { onOutput, signal }: SandboxOptions): Promise<ExitStatus> {
    for (const path of [...spec.lowers, spec.upper, spec.work, spec.scratch]) give(path);
    const mounts = spec.mounts.map(encodeSecret);
    return this.#process.ask({ spec: { ...spec, mounts } }, onOutput, signal) as Promise<ExitStatus>;
  }

  async probe(): Promise<string | undefined> {
    return undefined;
  }

  async probeOverlay(
    directories: OverlayDirectories,
    snapshotter: "overlay" | "fuse-overlayfs",
  ): Promise<string | undefined> {
    const { lowers, upper, work, scratch } = directories;
    for (const path of [...lowers, upper, work, scratch]) give(path);
    return ((await this.#process.ask({ directories, snapshotter }, () => {})) ?? undefined) as string | undefined;
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}

const encodeSecret = (mount: SandboxMount): object =>
  mount.type === "secret" ? { ...mount, content: { base64: Buffer.from(mount.content).toString("base64") } } : mount;

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
