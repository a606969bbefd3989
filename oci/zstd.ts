// Three readers of zstd: Node's own, the zstd program, and one in JavaScript; the first that this machine has.
// https://www.rfc-editor.org/rfc/rfc8878

import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { pipeline as connect, type Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";

type Decoder = (content: Readable) => AsyncIterable<Uint8Array>;

export function unzstd(content: Readable): AsyncIterable<Uint8Array> {
  return (zlibDecoder() ?? (hasProgram("zstd") ? programDecoder : scriptDecoder))(content);
}

/** Node 24 and later: that of Node 22 takes a stream that is cut off for a whole one. */
export function zlibDecoder(): Decoder | undefined {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };
  if (Number.parseInt(process.versions.node) < 24) return undefined;
  return createZstdDecompress && ((content) => connect(content, createZstdDecompress(), () => {}));
}

export async function* programDecoder(content: Readable): AsyncGenerator<Uint8Array> {
  const child = spawn("zstd", ["--decompress", "--stdout", "--quiet"], { stdio: "pipe" });
  const exit = once(child, "close") as Promise<[code: number | null]>;
  exit.catch(() => {}); // awaited below
  const fed = pipeline(content, child.stdin).catch((error: Error) => error);
  const complaints = text(child.stderr);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const [code] = await exit;
    if (code !== 0) throw new Error((await complaints).trim() || "zstd failed");
    const failure = await fed;
    if (failure) throw failure;
  } finally {
    child.kill();
  }
}

export async function* scriptDecoder(content: Readable): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import("fzstd");
  let decoded: Uint8Array[] = [];
  const decoder = new Decompress((bytes) => decoded.push(bytes));
  for await (const chunk of content) {
    decoder.push(chunk as Uint8Array);
    yield* decoded;
    decoded = [];
  }
  decoder.push(new Uint8Array(0), true);
  yield* decoded;
}

async function text(stream: Readable): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += String(chunk);
  return all;
}

function hasProgram(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
