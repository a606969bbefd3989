// Archives that cannot be written.

import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, describe, expect, test } from "vitest";
import { type ArchiveEntry, ArchiveWriter, writeArchive } from "../../archives/index.js";
import { TsbuildError } from "../../errors.js";

async function* entries(): AsyncGenerator<ArchiveEntry> {
  yield { name: "a", size: 1 << 20, content: [Buffer.alloc(1 << 20)] };
}

test.each([
  ["a stream", createWriteStream("/dev/full"), "the stream"],
  ["a file", "/dev/full", '"/dev/full"'],
])("%s that is full: output_failed, with the cause that the exit code 102 is for", async (_what, dest, place) => {
  await expect(writeArchive(entries(), dest)).rejects.toMatchObject({
    code: "output_failed",
    message: `cannot write ${place}: ENOSPC: no space left on device, write`,
    hint: "Free space there, or choose a place on another filesystem.",
    cause: { code: "ENOSPC" },
  });
});

describe("a file", () => {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-archive-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const failing = async function* (): AsyncGenerator<ArchiveEntry> {
    yield* entries();
    throw new TsbuildError("digest_mismatch", "other bytes");
  };

  test("is not there when its entries fail, and what was there before stays", async () => {
    const dest = join(directory, "a.tar");
    await expect(writeArchive(failing(), dest)).rejects.toMatchObject({ code: "digest_mismatch" });
    expect(readdirSync(directory)).toEqual([]);
    writeFileSync(dest, "before");
    await expect(writeArchive(failing(), dest)).rejects.toMatchObject({ code: "digest_mismatch" });
    expect(readdirSync(directory).map((name) => readFileSync(join(directory, name), "utf8"))).toEqual(["before"]);
    rmSync(dest);
  });

  test("below a file, or in a folder that cannot be made: output_failed", async () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    await expect(writeArchive(entries(), join(file, "a.tar"))).rejects.toMatchObject({ code: "output_failed" });
    await expect(writeArchive(entries(), "/proc/none/a.tar")).rejects.toMatchObject({ code: "output_failed" });
    const options = { form: "oci", store: { scratch: () => directory } } as const;
    expect(() => new ArchiveWriter(join(file, "a.tar"), options)).toThrow(
      expect.objectContaining({ code: "output_failed" }),
    );
  });

  test("a stream ends when the entries fail, so that who reads it is not left waiting", async () => {
    const stream = new PassThrough();
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.resume();
    await expect(writeArchive(failing(), stream)).rejects.toMatchObject({ code: "digest_mismatch" });
    await closed;
  });
});
