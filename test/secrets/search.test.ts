// secrets/search.ts

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { packChanges } from "../../filesystem/index.js";
import { refuseSecrets } from "../../secrets/index.js";
import { findInFile } from "../../secrets/search.js";
import { searchPatterns } from "../../secrets/patterns.js";
import { entries, file } from "../helpers/tree.js";

const VALUE = "hunter2-and-more";
const directory = mkdtempSync(join(tmpdir(), "tsbuild-search-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function layer(files: Record<string, string>) {
  const tar = join(directory, "layer.tar");
  const changes = entries(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, file(content)])));
  const index = await packChanges(changes, { output: tar, contentOf: ({ path }) => Buffer.from(files[path]!) });
  return { tar, index: () => index };
}

const refuse = (image: Parameters<typeof refuseSecrets>[0], value = `${VALUE}\n`) =>
  refuseSecrets(image, new Map([["npm", Buffer.from(value)]]));

describe("refuseSecrets()", () => {
  test("names the file that has the value", async () => {
    const layers = [await layer({ a: "x", npmrc: `//registry/:_authToken=${VALUE}`, z: "x" })];
    await expect(refuse({ config: {}, layers })).rejects.toMatchObject({
      code: "secret_leaked",
      message: 'the value of the secret "npm" is in the file "/npmrc"',
    });
  });

  test("finds base64 inside of a longer text", async () => {
    const layers = [await layer({ auth: Buffer.from(`user:${VALUE}`).toString("base64") })];
    await expect(refuse({ config: {}, layers })).rejects.toThrow('is base64 in the file "/auth"');
  });

  test("finds a value in the name of a file", async () => {
    await expect(refuse({ config: {}, layers: [await layer({ [VALUE]: "x" })] })).rejects.toThrow(
      "the name or the attributes of a file",
    );
  });

  test("names the place in the config", async () => {
    const config = { config: { Env: ["A=1", `TOKEN=${VALUE}`] } };
    await expect(refuse({ config, layers: [] })).rejects.toThrow('is in "config.Env.1" of the image config');
  });

  test("of a file of credentials, finds the tokens alone", async () => {
    const secret = '{\n  "user": "bob",\n  "host": "https://host1.example/path",\n  "password": "hunter2hunter2"\n}\n';
    const leak = { config: {}, layers: [await layer({ log: 'x "hunter2hunter2" y' })] };
    await expect(refuse(leak, secret)).rejects.toThrow('is in the file "/log"');
    const harmless = { config: {}, layers: [await layer({ log: 'bob at https://host1.example/path "user"' })] };
    await expect(refuse(harmless, secret)).resolves.toBeUndefined();
    const key = `-----BEGIN KEY-----\n${"QUJD1234".repeat(8)}\n${"REVG5678".repeat(8)}\n-----END KEY-----\n`;
    const part = { config: {}, layers: [await layer({ key: "REVG5678".repeat(8) })] };
    await expect(refuse(part, key)).rejects.toThrow('is in the file "/key"');
    const armor = { config: {}, layers: [await layer({ key: "-----BEGIN KEY-----" })] };
    await expect(refuse(armor, key)).resolves.toBeUndefined();
  });

  test("lets everything else pass", async () => {
    const layers = [await layer({ a: "hunter2", b: "and-more" })];
    await expect(refuse({ config: { a: 1, b: null }, layers })).resolves.toBeUndefined();
    await expect(refuse({ config: {}, layers: [await layer({ a: "abc" })] }, "abc")).resolves.toBeUndefined();
  });
});

test("findInFile() finds what lies across the borders of its pieces", async () => {
  const path = join(directory, "large");
  const patterns = searchPatterns(new Map([["npm", Buffer.from(VALUE)]]));
  for (const offset of [(4 << 20) - 5, (8 << 20) - 1, 8 << 20]) {
    const bytes = Buffer.alloc((8 << 20) + 100);
    bytes.write(VALUE, offset);
    writeFileSync(path, bytes);
    expect((await findInFile(path, patterns))?.offset).toBe(offset);
  }
});
