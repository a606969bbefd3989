// A process of its own that runs one step, for tests that kill it or give it another user.

import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { SandboxSpec } from "../../executor/sandbox/index.js";

const sandbox = join(import.meta.dirname, "../../executor/sandbox/index.ts");

/** How a program that is started anew makes the same runtime: arguments of `chooseRuntime()`. */
export interface RuntimeRecipe {
  readonly requested: string;
  readonly launcherPath?: string;
}

export interface CallerTask {
  readonly recipe: RuntimeRecipe;
  readonly spec: SandboxSpec;
  /** Of the process. @default the test's */
  readonly uid?: number;
}

/** Runs the step; standard output is the step's, and then a line with its status or error as JSON. */
const PROGRAM = `
  const { recipe, spec } = JSON.parse(process.argv[2]);
  const runtime = await chooseRuntime(recipe);
  const onOutput = (stream, data) => void process.stdout.write(data);
  const told = await runtime.run(spec, { onOutput }).catch(({ code, message }) => ({ code, message }));
  console.log(JSON.stringify(told));
`;

/** @param directory where the program is written; the process must be able to read it */
export function startCaller(directory: string, { recipe, spec, uid }: CallerTask): ChildProcess {
  const program = join(directory, `caller-${recipe.requested}.mjs`);
  const { outputFiles } = buildSync({
    stdin: { contents: `import { chooseRuntime } from ${JSON.stringify(sandbox)};${PROGRAM}`, resolveDir: "/" },
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    logLevel: "silent",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  writeFileSync(program, outputFiles[0]!.contents, { mode: 0o644 });
  const words = [program, JSON.stringify({ recipe, spec })];
  return spawn(process.execPath, words, {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: "/",
    ...(uid !== undefined && { uid, gid: uid }),
  });
}

export async function callerOutput(caller: ChildProcess): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of caller.stdout!) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
