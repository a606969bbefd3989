import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeIndex, encodeIndex, FileTree, indexLayer, packDirectory, unpackLayer } from "../../filesystem/index.js";
import { randomLayer } from "./arbitrary.js";
import { packed, readFileInPieces, temporaryDirectory, withoutOffsets } from "./layers.js";

test("any layer is read as it was packed, in pieces of any size (S-169)", async () => {
  const tar = join(temporaryDirectory(), "layer.tar");
  await fc.assert(
    fc.asyncProperty(randomLayer, fc.integer({ min: 1, max: 2000 }), async ({ changes, contents }, pieceSize) => {
      const index = await packed(changes, tar, contents);
      expect(await indexLayer(readFileInPieces(tar, pieceSize))).toEqual(index);
      expect(decodeIndex(encodeIndex(index))).toEqual(index);
    }),
    { numRuns: 30 },
  );
});

test("any layer is the same after unpacking and packing again", async () => {
  const directory = temporaryDirectory();
  const [first, second, lower] = [
    join(directory, "a.tar"),
    join(directory, "b.tar"),
    join(directory, "lower"),
  ] as const;
  await fc.assert(
    fc.asyncProperty(randomLayer, async ({ changes, contents }) => {
      const index = await packed(changes, first, contents);
      await unpackLayer(readFileInPieces(first), lower);
      const again = await packDirectory(lower, FileTree.empty, { output: second });
      const unchanged = await packDirectory(lower, FileTree.empty.apply(index.changes), { output: second });
      rmSync(lower, { recursive: true });
      expect(withoutOffsets(again.changes)).toEqual(withoutOffsets(index.changes));
      expect(again.diffID).toBe(index.diffID);
      expect(unchanged.changes).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
