// Files written and hashed at once, and by another thread.

import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openVerifiedFile, sha256, takeBlock } from "../../oci/index.js";

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), "tsbuild-verified-"))));
afterAll(() => rmSync(directory, { recursive: true }));

describe.each([false, true])("a file that is verified, in a thread: %s", (inThread) => {
  /** Writes `chunks` to a new file as the blob that `promised` is. */
  async function write(chunks: readonly Uint8Array[], promised = Buffer.concat(chunks)): Promise<Buffer> {
    const path = join(directory, randomBytes(8).toString("hex"));
    const fd = openSync(path, "wx");
    try {
      await pipeline(
        Readable.from(chunks),
        openVerifiedFile({ digest: sha256(promised), size: promised.length }, { fd, inThread }),
      );
      return readFileSync(path);
    } finally {
      closeSync(fd);
    }
  }

  test("writes what comes, in whatever pieces", async () => {
    const chunk = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(fc.array(chunk), async (chunks) => {
        const pieces = chunks.filter(({ length }) => length > 0);
        expect((await write(pieces)).equals(Buffer.concat(pieces))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("writes shared blocks that are used again, several files at once", async () => {
    const parts = Array.from({ length: 4 }, () => Array.from({ length: 6 }, () => randomBytes(1 << 20)));
    async function* shared(contents: readonly Buffer[]) {
      for (const bytes of contents) {
        const block = takeBlock();
        block.set(bytes);
        yield block;
        await new Promise(setImmediate);
      }
    }
    const written = parts.map(async (contents, at) => {
      const path = join(directory, `shared-${inThread}-${at}`);
      const fd = openSync(path, "wx");
      const whole = Buffer.concat(contents);
      await pipeline(
        shared(contents),
        openVerifiedFile({ digest: sha256(whole), size: whole.length }, { fd, inThread }),
      );
      closeSync(fd);
      expect(readFileSync(path).equals(whole)).toBe(true);
    });
    await Promise.all(written);
  });

  test.each([
    ["other bytes", "jello", /^expected sha256:\w+ \(5 bytes\), read sha256:\w+ \(5 bytes\)$/],
    ["fewer bytes", "hell", /\(4 bytes\)$/],
    ["no bytes", "", /\(0 bytes\)$/],
    ["more bytes", "hello!", /read at least 6 bytes$/],
  ])("S-206: fails for %s", async (_what, text, message) => {
    const chunks = text === "" ? [] : [Buffer.from(text)];
    await expect(write(chunks, Buffer.from("hello"))).rejects.toMatchObject({
      code: "digest_mismatch",
      message: expect.stringMatching(message),
    });
  });

  test("says what the system says of the file", async () => {
    const fd = openSync("/dev/full", "w");
    const blob = { digest: sha256("hello"), size: 5 };
    await expect(
      pipeline(Readable.from([Buffer.from("hello")]), openVerifiedFile(blob, { fd, inThread })),
    ).rejects.toMatchObject({
      code: "ENOSPC",
    });
    closeSync(fd);
  });

  test("lets go of the file when it is given up", async () => {
    const fd = openSync(join(directory, `given-up-${inThread}`), "wx");
    const file = openVerifiedFile({ digest: sha256("hello"), size: 5 }, { fd, inThread });
    file.write(Buffer.from("hell"));
    const closed = new Promise((resolve) => file.once("close", resolve));
    file.destroy();
    await closed;
    closeSync(fd);
    expect(readFileSync(join(directory, `given-up-${inThread}`), "utf8")).toBe("hell");
  });
});
