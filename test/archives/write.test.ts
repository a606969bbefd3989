// Archives that cannot be written.

import { createWriteStream } from "node:fs";
import { expect, test } from "vitest";
import { type ArchiveEntry, writeArchive } from "../../archives/index.js";

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
