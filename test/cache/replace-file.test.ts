import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { replaceFile, rewriteFile } from "../../cache/index.js";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsbuild-replace-"));
  file = join(directory, "file");
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("replaceFile()", () => {
  test("writes many at once, each whole, and leaves nothing beside them", async () => {
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(1000));
    await Promise.all(texts.map((text) => replaceFile(file, text)));
    expect(texts).toContain(readFileSync(file, "utf8"));
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  test("writes through a link", async () => {
    writeFileSync(file, "old");
    symlinkSync("file", join(directory, "link"));
    await replaceFile(join(directory, "link"), "new");
    expect(lstatSync(join(directory, "link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, "utf8")).toBe("new");
  });

  test.each([
    ["none/file", "ENOENT"],
    ["folder", "EISDIR"],
  ])("of %s: %s", async (name, reason) => {
    mkdirSync(join(directory, "folder"));
    const path = join(directory, name);
    await expect(replaceFile(path, "")).rejects.toMatchObject({
      code: "output_failed",
      message: `cannot write "${path}": ${reason}`,
      hint: "Choose a path in a folder that exists and may be written.",
    });
    expect(readdirSync(directory)).toEqual(["folder"]);
  });
});

describe("rewriteFile()", () => {
  test("keeps the mode, the owner and the link", async () => {
    writeFileSync(file, "old");
    chownSync(file, 7, 8);
    chmodSync(file, 0o2440);
    symlinkSync("file", join(directory, "link"));
    await rewriteFile(join(directory, "link"), "new");
    expect(readdirSync(directory)).toEqual(["file", "link"]);
    expect(lstatSync(join(directory, "link")).isSymbolicLink()).toBe(true);
    const { uid, gid, mode } = statSync(file);
    expect({ uid, gid, mode: mode & 0o7777, text: readFileSync(file, "utf8") }).toEqual({
      uid: 7,
      gid: 8,
      mode: 0o2440,
      text: "new",
    });
  });

  test("makes no file", async () => {
    await expect(rewriteFile(file, "")).rejects.toMatchObject({ code: "output_failed" });
    expect(readdirSync(directory)).toEqual([]);
  });
});
