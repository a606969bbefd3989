// Streams through programs of this machine.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Feeds `content` to a program and gives what it prints; fails as the content does, or with what it complains of. */
export async function* throughProgram(
  program: string,
  args: readonly string[],
  content: Readable,
): AsyncGenerator<Uint8Array> {
  const child = spawn(program, args, { stdio: "pipe" });
  const exit = once(child, "close") as Promise<[code: number | null]>;
  exit.catch(() => {}); // awaited below
  const fed = pipeline(content, child.stdin).catch((error: Error) => error);
  const complaints = text(child.stderr);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const [code] = await exit;
    const failure = await fed;
    if (failure && (failure as NodeJS.ErrnoException).code !== "EPIPE") throw failure;
    if (code !== 0) throw new Error((await complaints).trim() || `${program} failed`);
    if (failure) throw failure;
  } finally {
    child.kill();
  }
}

/** Whether a program of this name is in one of the folders of PATH. */
export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function text(stream: Readable): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += String(chunk);
  return all;
}
