import { Readable, type Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import { Digester, parseDigest, sha256, Verifier } from "../../oci/index.js";

const through = async (content: string[], stream: Transform) =>
  Buffer.concat(
    await Readable.from(content.map((text) => Buffer.from(text)))
      .compose(stream)
      .toArray(),
  ).toString();

test("Digester passes on, counts and hashes", async () => {
  const digester = new Digester();
  expect(await through(["hello ", "world"], digester)).toBe("hello world");
  expect([digester.size, digester.digest, digester.digest]).toEqual([11, sha256("hello world"), sha256("hello world")]);
});

test("Verifier passes on what was promised, also nothing", async () => {
  expect(await through(["hello"], new Verifier({ digest: sha256("hello"), size: 5 }))).toBe("hello");
  expect(await through([], new Verifier({ digest: sha256(""), size: 0 }))).toBe("");
});

test("Verifier fails at the end: expected and read", async () => {
  const short = through(["hello"], new Verifier({ digest: sha256("hello world"), size: 11 }));
  await expect(short).rejects.toMatchObject({
    code: "digest_mismatch",
    message: `expected ${sha256("hello world")} (11 bytes), read ${sha256("hello")} (5 bytes)`,
  });
  await expect(through(["jello"], new Verifier({ digest: sha256("hello"), size: 5 }))).rejects.toThrow(
    "(5 bytes), read",
  );
});

test("Verifier fails at once when more comes", async () => {
  let given = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(10, (given += 1));
    })(),
  );
  const failure = pipeline(
    endless,
    new Verifier({ digest: sha256("x"), size: 95 }),
    new Writable({ write: (_chunk, _encoding, done) => done() }),
  );
  await expect(failure).rejects.toMatchObject({
    code: "digest_mismatch",
    message: `expected ${sha256("x")} (95 bytes), read at least 100 bytes`,
  });
  expect(given).toBeLessThan(100);
});

test.each([
  "",
  "sha256:",
  `sha256:${"A".repeat(64)}`,
  `sha256:${"a".repeat(65)}`,
  `sha512:${"a".repeat(64)}`,
  ` sha256:${"a".repeat(64)}`,
])("parseDigest(%j) is bad_reference", (text) => {
  expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: "bad_reference" }));
});
