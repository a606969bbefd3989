import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeIndex, encodeIndex, type Entry, type LayerIndex } from "../../filesystem/index.js";
import { sha256 } from "../../oci/index.js";
import { device, entries, file, hardlink, symlink } from "../helpers/tree.js";

const [, odd] = entries({ d: { "x\udcff": "odd" } });
const index: LayerIndex = {
  diffID: sha256("tar"),
  content: sha256("content"),
  size: 2 ** 40 + 512,
  changes: [
    { path: "gone", type: "whiteout" },
    { path: "dir", type: "opaque" },
    ...entries({
      "a b": file("x", { uid: 0xfffffffe, mtime: -5 }),
      hard: hardlink("a b"),
      link: symlink("→"),
      null: device(300, 70_000),
    }),
    {
      ...odd!,
      mtimeNs: 999_999_999,
      offset: 2 ** 41,
      size: 2 ** 40,
      xattrs: new Map([
        ["user.a", Uint8Array.from([0, 255])],
        ["user.b", new Uint8Array()],
      ]),
    },
  ],
};

test("decodeIndex() gives what encodeIndex() took, equal indexes are equal bytes", () => {
  const bytes = encodeIndex(index);
  expect(decodeIndex(bytes)).toEqual(index);
  expect(encodeIndex(decodeIndex(bytes))).toEqual(bytes);
});

test("an index may stand anywhere in a buffer, and may be empty", () => {
  const empty = { ...index, changes: [] };
  const padded = Buffer.concat([Buffer.alloc(3), encodeIndex(empty)]);
  expect(decodeIndex(padded.subarray(3))).toEqual(empty);
});

describe("decodeIndex() refuses", () => {
  const bytes = encodeIndex(index);

  test("an index that is cut off anywhere", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeIndex(bytes.subarray(0, length))).toThrow(/^a layer index cannot be read: /);
    }
  });

  test("an index with a changed byte", () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(bytes);
        damaged[at]! ^= change;
        expect(() => decodeIndex(damaged)).toThrow(/^a layer index cannot be read: /);
      }),
    );
  });

  test("another version, by its number", () => {
    const newer = Buffer.from(bytes);
    newer.writeUInt32LE(2, 4);
    expect(() => decodeIndex(newer)).toThrow("a layer index cannot be read: expected version 1, found 2");
    expect(() => decodeIndex(Buffer.from("something else"))).toThrow(
      "a layer index cannot be read: it is no layer index",
    );
  });
});

test("the header is as the format says it", () => {
  const bytes = Buffer.from(encodeIndex({ ...index, changes: entries({ f: "x" }) as Entry[] }));
  expect([
    bytes.toString("latin1", 0, 4),
    bytes.readUInt32LE(4),
    bytes.readUInt32LE(40),
    bytes.readDoubleLE(48),
  ]).toEqual(["TSBX", 1, 1, 2 ** 40 + 512]);
  expect(`sha256:${bytes.toString("hex", 8, 40)}`).toBe(sha256(bytes.subarray(40)));
  expect(bytes.toString("latin1", 120 + 48 + 32)).toBe("f\0");
});
