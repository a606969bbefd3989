import { expect, test } from "vitest";
import { duration, plainList, quote, quoteList, quoteRune } from "../../planner/go-format.js";

test.each([
  ["", '""'],
  ['say "hi"\\', '"say \\"hi\\"\\\\"'],
  ["a\tb\nc\r", '"a\\tb\\nc\\r"'],
  ["\u0000\u001b\u007f", '"\\x00\\x1b\\x7f"'],
  ["größe €", '"größe €"'],
  ["\u200b\u00a0", '"\\u200b\\u00a0"'],
  ["\u{1f600}", '"\u{1f600}"'],
  ["\u{e0001}", '"\\U000e0001"'],
])("quote(%j) is what Go's %%q prints", (text, expected) => expect(quote(text)).toBe(expected));

test.each([
  [0, "'\\x00'"],
  [10, "'\\n'"],
  [34, `'"'`],
  [39, "'\\''"],
  [48, "'0'"],
  [0x200b, "'\\u200b'"],
  [0xd800, "'\ufffd'"],
  [0x7fffffff, "'\ufffd'"],
])("quoteRune(%j) is what Go's %%q prints of a number", (code, expected) => expect(quoteRune(code)).toBe(expected));

test("lists have blanks between their items", () => {
  expect(quoteList(["node", "a b"])).toBe('["node" "a b"]');
  expect(quoteList([])).toBe("[]");
  expect(plainList(["80/tcp", "443/tcp"])).toBe("[80/tcp 443/tcp]");
});

test.each([
  [0, "0s"],
  [1, "1ns"],
  [1_500, "1.5µs"],
  [100e6, "100ms"],
  [1.5e9, "1.5s"],
  [30e9, "30s"],
  [90e9, "1m30s"],
  [3600e9, "1h0m0s"],
  [5_400_500e6, "1h30m0.5s"],
])("duration(%d) is %s", (nanoseconds, expected) => expect(duration(nanoseconds)).toBe(expected));
