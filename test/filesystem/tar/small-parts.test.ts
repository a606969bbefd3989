import { describe, expect, test } from "vitest";
import { TarInput } from "../../../filesystem/tar/input.js";
import { readNumber, writeOctal } from "../../../filesystem/tar/number.js";
import { encodePax, parsePax } from "../../../filesystem/tar/pax.js";
import { formatTime, parseTime } from "../../../filesystem/tar/time.js";
import { xattrKey, xattrOf } from "../../../filesystem/tar/xattr-key.js";
import { pieces } from "../layers.js";

describe("readNumber()", () => {
  test.each([
    ["octal", Buffer.from("0000644\0"), 0o644],
    ["leading spaces", Buffer.from("   644 \0"), 0o644],
    ["no end mark", Buffer.from("77777777"), 0o77777777],
    ["an empty field", Buffer.alloc(8), 0],
    ["base-256", Buffer.from([0x80, 0, 0, 0, 0, 0x4c, 0x4b, 0x40]), 5_000_000],
    ["negative base-256", Buffer.alloc(12, 0xff), -1],
    ["letters", Buffer.from("12x\0\0\0\0\0"), undefined],
    ["more than JavaScript can count", Buffer.from([0x80, ...Buffer.alloc(11, 0x7f)]), undefined],
  ])("reads %s", (_, bytes, expected) => {
    expect(readNumber(bytes, 0, bytes.length)).toBe(expected);
  });

  test("reads what writeOctal() wrote", () => {
    const block = Buffer.alloc(12, 0xff);
    writeOctal(block, 0, 12, 0o77777777777);
    expect(block.toString("latin1")).toBe("77777777777\0");
    expect(readNumber(block, 0, 12)).toBe(8 ** 11 - 1);
  });
});

describe("PAX records", () => {
  test("count their own length, also where that makes it longer", () => {
    for (const length of [1, 85, 86, 87, 88, 89, 90, 983, 984, 985, 986, 987]) {
      const bytes = encodePax(new Map([["key", "v".repeat(length)]]));
      expect(Number.parseInt(bytes.toString(), 10)).toBe(bytes.length);
      expect(parsePax(bytes)).toEqual([["key", Buffer.from("v".repeat(length))]]);
    }
  });

  test("are sorted by key", () => {
    expect(
      encodePax(
        new Map<string, string | Uint8Array>([
          ["b", "2"],
          ["a", Buffer.from([0xff])],
        ]),
      ).toString("latin1"),
    ).toBe("6 a=\xff\n6 b=2\n");
  });

  test.each(["6 a=1", "x a=1\n", "9 a=1\n", "0 a=1\n", "6 a-1\n", "5 a=1\n\n", " a=1\n"])(
    "are refused when they are like %j",
    (text) => {
      expect(() => parsePax(Buffer.from(text))).toThrow(/^expected a PAX record, found "/);
    },
  );
});

test.each([
  ["1700000000", 1_700_000_000, 0],
  ["1.5", 1, 500_000_000],
  ["1.123456789", 1, 123_456_789],
  ["0.000000001", 0, 1],
  ["-1.5", -2, 500_000_000],
  ["-0.25", -1, 750_000_000],
  ["-3", -3, 0],
])("the time %s is %d seconds and %d ns, both ways", (text, mtime, mtimeNs) => {
  expect(parseTime(text)).toEqual({ mtime, mtimeNs });
  expect(formatTime({ mtime, mtimeNs })).toBe(text);
});

test("parseTime() drops what is finer than a nanosecond, and refuses words", () => {
  expect(parseTime("1.1234567899")).toEqual({ mtime: 1, mtimeNs: 123_456_789 });
  expect([parseTime("now"), parseTime(""), parseTime("1e9")]).toEqual([undefined, undefined, undefined]);
});

test.each(["user.a", "user.a=b", "user.50%3D", "user.%25", "user.a%=3D%"])(
  "the key of attribute %s leads back to it",
  (name) => {
    expect(xattrKey(name)).not.toMatch(/=/);
    expect(xattrOf(xattrKey(name), Buffer.from("v"))).toEqual({ name, value: Buffer.from("v") });
  },
);

test("xattrOf() reads the attributes of bsdtar, and nothing else", () => {
  expect(xattrOf("LIBARCHIVE.xattr.user.%C3%A4", Buffer.from("gAE"))).toEqual({
    name: "user.ä",
    value: Buffer.from([0x80, 1]),
  });
  expect(xattrOf("SCHILY.fflags", Buffer.from(""))).toBeUndefined();
});

test("TarInput hands out bytes whatever pieces they come in", async () => {
  const bytes = Buffer.from(Array.from({ length: 100 }, (_, index) => index));
  for (const size of [1, 7, 100]) {
    const input = new TarInput(pieces(bytes, size));
    expect(await input.take(10)).toEqual(bytes.subarray(0, 10));
    await input.skip(5);
    expect((await input.some(3)).length).toBeLessThanOrEqual(3);
    expect((await input.take(200)).at(-1)).toBe(99);
    expect(input.position).toBe(100);
  }
});
