// What a build reads: a folder, a Dockerfile by path or on stdin.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TsbuildError } from "../../index.js";
import { usageError } from "../flags/usage-error.js";
import { type Io, readAll } from "../io.js";

export interface BuildInput {
  readonly context: string;
  readonly dockerfile?: string | { readonly content: string };
  /** Removes what was made for this build. */
  readonly dispose: () => Promise<void>;
}

/** First bytes of archives: gzip, bzip2, xz, zstd; a tar says so at 257. */
const MAGICS = [
  [0x1f, 0x8b],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x28, 0xb5, 0x2f, 0xfd],
];

const REMOTE = /^(?:https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/;

/** @throws usage, unsupported */
export async function openInput(path: string, file: string | undefined, io: Pick<Io, "stdin">): Promise<BuildInput> {
  if (REMOTE.test(path)) {
    const hint = "Clone or download it first, and give the folder.";
    throw new TsbuildError("unsupported", `remote build context "${path}" is not supported by this version`, { hint });
  }
  if (path === "-" && file === "-") throw usageError("stdin cannot be both build context and Dockerfile");
  if (path === "-") return stdinOnly(io.stdin, file);
  if (file === "-")
    return { context: path, dockerfile: { content: (await readAll(io.stdin)).toString() }, dispose: async () => {} };
  return { context: path, ...(file !== undefined && { dockerfile: file }), dispose: async () => {} };
}

/** `tsbuild -`: a Dockerfile on stdin and nothing to copy from. */
async function stdinOnly(stdin: Io["stdin"], file: string | undefined): Promise<BuildInput> {
  if (file !== undefined) throw archiveContext('with "-f"');
  const bytes = await readAll(stdin);
  if (isArchive(bytes)) throw archiveContext("on stdin");
  const context = await mkdtemp(join(tmpdir(), "tsbuild-context-"));
  const dispose = () => rm(context, { recursive: true, force: true });
  return { context, dockerfile: { content: bytes.toString() }, dispose };
}

function archiveContext(how: string): TsbuildError {
  const hint = 'Unpack it first: "tar -x -C DIR", then "tsbuild DIR".';
  return new TsbuildError("unsupported", `a build context as an archive ${how} is not supported by this version`, {
    hint,
  });
}

function isArchive(bytes: Buffer): boolean {
  return (
    MAGICS.some((magic) => magic.every((byte, index) => bytes[index] === byte)) ||
    bytes.toString("latin1", 257, 262) === "ustar"
  );
}
