import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeName, encodeName, hostPath, nameOf, parentOf } from "../../filesystem/path-bytes.js";

test("decodeName() keeps UTF-8 as it is", () => {
  expect(decodeName(Buffer.from("grüße/😀"))).toBe("grüße/😀");
});

test("decodeName() escapes each byte that is not UTF-8 as U+DC00 + byte", () => {
  expect(decodeName(Buffer.from([0x61, 0xff, 0xfe, 0x62]))).toBe("a\udcff\udcfeb");
  expect(decodeName(Buffer.from([0xed, 0xb2, 0x80]))).toBe("\udced\udcb2\udc80");
  expect(decodeName(Buffer.from([0xf0, 0x9f, 0x98]))).toBe("\udcf0\udc9f\udc98");
});

test("encodeName() tells an escaped byte from the second half of a character", () => {
  expect(encodeName("\ud83d\udc80\udc80")).toEqual(Buffer.from([0xf0, 0x9f, 0x92, 0x80, 0x80]));
});

test("encodeName() undoes decodeName() for any bytes", () => {
  const mixed = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: "binary" }).map((text) => new Uint8Array(Buffer.from(text))),
  );
  const bytes = fc.array(mixed).map((pieces) => Buffer.concat(pieces));
  fc.assert(fc.property(bytes, (name) => encodeName(decodeName(name)).equals(name)));
});

test("hostPath() is the string itself unless bytes are needed", () => {
  expect(hostPath("/tmp/ä")).toBe("/tmp/ä");
  expect(hostPath("/tmp/\udcff")).toEqual(Buffer.from([0x2f, 0x74, 0x6d, 0x70, 0x2f, 0xff]));
});

test("parentOf() and nameOf() split a path at its last slash", () => {
  expect([parentOf("a/b/c"), parentOf("a"), parentOf("")]).toEqual(["a/b", "", ""]);
  expect([nameOf("a/b/c"), nameOf("a"), nameOf("")]).toEqual(["c", "a", ""]);
});
