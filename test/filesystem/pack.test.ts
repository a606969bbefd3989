import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Entry,
  type FileRegion,
  FileTree,
  indexLayer,
  packChanges,
  packDirectory,
  unpackLayer,
} from "../../filesystem/index.js";
import { sha256 } from "../../oci/index.js";
import { entries, hardlink, symlink, tree } from "../helpers/tree.js";
import { packed, readFileInPieces, temporaryDirectory, withoutOffsets } from "./layers.js";

const EMPTY_LAYER = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
const MIB = 1024 * 1024;

const leaf: Entry = { path: "f", type: "file", mode: 0o644, uid: 0, gid: 0, size: 3, mtime: 5, mtimeNs: 0 };

test("packChanges() of nothing is the empty layer that every builder makes (S-156)", async () => {
  const index = await packed([], join(temporaryDirectory(), "layer.tar"));
  expect(index).toMatchObject({ diffID: EMPTY_LAYER, size: 1024, changes: [] });
});

test("a layer is the same packed, read, unpacked and packed again", async () => {
  const directory = temporaryDirectory();
  const literal = {
    bin: { sh: "#!", "sh-link": hardlink("bin/sh") },
    etc: { passwd: "root", mtab: symlink("../proc/mounts") },
  };
  const upper = tree(join(directory, "upper"), literal);
  const first = await packDirectory(upper, FileTree.empty, { output: join(directory, "a.tar") });
  expect(withoutOffsets(first.changes)).toEqual(entries(literal));
  expect(first.diffID).toBe(sha256(readFileSync(join(directory, "a.tar"))));
  expect(await indexLayer(readFileInPieces(join(directory, "a.tar")))).toEqual(first);
  const unpacked = await unpackLayer(readFileInPieces(join(directory, "a.tar")), join(directory, "lower"));
  expect(unpacked).toEqual(first);
  const again = await packDirectory(join(directory, "lower"), FileTree.empty, { output: join(directory, "b.tar") });
  expect(again).toEqual(first);
});

describe("packChanges()", () => {
  const region = (path: string, rest: Partial<FileRegion> = {}) => ({
    contentOf: () => ({ path, offset: 0, ...rest }),
  });

  test.each([0, 1, 511, 512, 513, MIB - 513, MIB - 512, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])(
    "packs a file of %d bytes",
    async (size) => {
      const directory = temporaryDirectory();
      const content = Buffer.alloc(size, "abcdefg");
      const output = join(directory, "tar");
      writeFileSync(join(directory, "f"), content);
      const index = await packChanges([{ ...leaf, size }], {
        ...region(join(directory, "f"), { whole: true }),
        output,
      });
      const [packedFile] = index.changes as Entry[];
      expect(packedFile).toMatchObject({ size, digest: sha256(content), offset: 512 });
      expect(
        readFileSync(output)
          .subarray(512, 512 + size)
          .equals(content),
      ).toBe(true);
      expect(await indexLayer(readFileInPieces(output))).toEqual(index);
    },
  );

  test("takes parts of files, and writes to an open file without closing it", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "all"), "one-two-three");
    const fd = openSync(join(directory, "tar"), "w");
    const contentOf = ({ path }: Entry) => ({ path: join(directory, "all"), offset: path === "a" ? 0 : 4 });
    const index = await packChanges(
      [
        { ...leaf, path: "a" },
        { ...leaf, path: "b" },
      ],
      { contentOf, output: fd },
    );
    closeSync(fd);
    expect(index.changes).toMatchObject([{ digest: sha256("one") }, { digest: sha256("two") }]);
    expect(index.diffID).toBe(sha256(readFileSync(join(directory, "tar"))));
  });

  test("tells the progress up to the size of the tar", async () => {
    const seen: number[] = [];
    const output = join(temporaryDirectory(), "tar");
    const index = await packChanges([leaf], {
      contentOf: () => Buffer.from("abc"),
      output,
      onProgress: (bytes) => seen.push(bytes),
    });
    expect(seen.at(-1)).toBe(index.size);
  });

  describe("refuses a file that", () => {
    async function refusal(
      prepare: (path: string) => void,
      entry: Partial<Entry> = {},
      rest: Partial<FileRegion> = { whole: true },
    ) {
      const directory = temporaryDirectory();
      const path = join(directory, "f");
      writeFileSync(path, "abc");
      prepare(path);
      const output = join(directory, "tar");
      const error = await packChanges([{ ...leaf, ...entry }], { ...region(path, rest), output }).catch(
        (failure: unknown) => failure,
      );
      expect(existsSync(output)).toBe(false);
      return error;
    }

    test("is gone", async () => {
      expect(await refusal((path) => execFileSync("rm", [path]))).toMatchObject({
        code: "source_not_found",
        message: '"f" is gone',
      });
    });

    test.each([
      ["is shorter", (path: string) => truncateSync(path, 2), "expected 3 bytes, found 2"],
      ["is longer", (path: string) => writeFileSync(path, "abcd"), "expected 3 bytes, found more"],
      [
        "became a symlink",
        (path: string) => (execFileSync("rm", [path]), symlinkSync("/etc/passwd", path)),
        "it is no longer a regular file",
      ],
      [
        "became a directory",
        (path: string) => void execFileSync("sh", ["-c", `rm ${path}; mkdir ${path}`]),
        "it is no longer a regular file",
      ],
      [
        "became a fifo",
        (path: string) => void execFileSync("sh", ["-c", `rm ${path}; mkfifo ${path}`]),
        "it is no longer a regular file",
      ],
    ])("%s", async (_, prepare, what) => {
      expect(await refusal(prepare)).toMatchObject({
        code: "source_changed",
        message: `"f" changed during the build: ${what}`,
      });
    });

    test("has other bytes than its digest says", async () => {
      const error = await refusal((path) => writeFileSync(path, "xyz"), { digest: sha256("abc") }, {});
      expect(error).toMatchObject({ code: "source_changed" });
      expect((error as Error).message).toContain(`expected ${sha256("abc")}, read ${sha256("xyz")}`);
    });
  });

  test("stops when the signal is aborted, and leaves nothing behind", async () => {
    const directory = temporaryDirectory();
    const many = Array.from({ length: 30_000 }, (_, index) => ({ ...leaf, path: `f${index}` }));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 40);
    const packing = packChanges(many, {
      contentOf: () => Buffer.from("abc"),
      output: join(directory, "tar"),
      signal: controller.signal,
    });
    await expect(packing).rejects.toMatchObject({ code: "interrupted" });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("tells a full disk from other failures", async () => {
    const fd = openSync("/dev/full", "w");
    const packing = packChanges([leaf], { contentOf: () => Buffer.from("abc"), output: fd });
    await expect(packing).rejects.toMatchObject({
      code: "store_full",
      message: "there is no space left to write the layer",
    });
    closeSync(fd);
  });
});
