import { expect, test } from "vitest";
import { formatAmount, formatBytes, formatClock, formatSeconds } from "../../../cli/progress/format.js";
import { chooseMode } from "../../../cli/progress/progress.js";
import { chooseTheme } from "../../../cli/progress/theme.js";
import { fit, printable, widthOf } from "../../../cli/progress/width.js";

const terminal = { isTTY: true, write: () => true };
const pipe = { isTTY: false, write: () => true };

test.each([
  ["auto", terminal, {}, "tty"],
  ["auto", terminal, { CI: "false" }, "tty"],
  ["auto", terminal, { CI: "true" }, "plain"],
  ["auto", terminal, { TERM: "dumb" }, "plain"],
  ["auto", pipe, {}, "plain"],
  ["auto", pipe, { CI: "true", GITHUB_ACTIONS: "true" }, "github"],
  ["auto", pipe, { CI: "true", GITLAB_CI: "true" }, "gitlab"],
  ["plain", pipe, { CI: "true", GITHUB_ACTIONS: "true" }, "plain"],
  ["auto", terminal, { GITHUB_ACTIONS: "true" }, "tty"],
  ["github", terminal, {}, "github"],
  ["tty", pipe, {}, "tty"],
  ["none", terminal, {}, "quiet"],
  ["rawjson", terminal, {}, "rawjson"],
] as const)("chooseMode(%s, %o, %o) is %s", (wanted, stream, env, mode) => {
  expect(chooseMode(wanted, stream, env)).toBe(mode);
});

test.each<[env: Record<string, string>, isTerminal: boolean, text: string]>([
  [{}, true, "\x1b[31mx\x1b[0m"],
  [{}, false, "x"],
  [{ NO_COLOR: "1" }, true, "x"],
  [{ NO_COLOR: "" }, true, "\x1b[31mx\x1b[0m"],
  [{ TERM: "dumb" }, true, "x"],
  [{ CLICOLOR: "0" }, true, "x"],
  [{ FORCE_COLOR: "1" }, false, "\x1b[31mx\x1b[0m"],
  [{ FORCE_COLOR: "0" }, false, "x"],
  [{ CLICOLOR_FORCE: "1", NO_COLOR: "1" }, false, "\x1b[31mx\x1b[0m"],
  [{ BUILDKIT_COLORS: "run=green:error=light-blue" }, true, "\x1b[94mx\x1b[0m"],
  [{ BUILDKIT_COLORS: "error=1,2,255" }, true, "\x1b[38;2;1;2;255mx\x1b[0m"],
  [{ BUILDKIT_COLORS: "error=1,2,256:nonsense" }, true, "\x1b[31mx\x1b[0m"],
])("chooseTheme(%j, %s) paints an error as %j", (env, isTerminal, text) => {
  expect(chooseTheme(env, isTerminal)("error", "x")).toBe(text);
});

test.each([
  [0, "0B"],
  [227, "227B"],
  [999, "999B"],
  [1_000, "1.00kB"],
  [10_490_000, "10.49MB"],
  [5e15, "5000.00TB"],
])("formatBytes(%i)", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("times and amounts", () => {
  expect([0, 1302, 12_310, 125_240, -5].map(formatClock)).toEqual(["0.000", "1.302", "12.31", "125.2", "0.000"]);
  expect([40, 7_449, -1].map(formatSeconds)).toEqual(["0.0s", "7.4s", "0.0s"]);
  expect(formatAmount({ id: "x", total: 10 })).toBe("x 0B / 10B");
  expect(formatAmount({ id: "x" })).toBe("x");
});

test.each([
  ["abc", 3],
  ["é", 1],
  ["e\u0301", 1],
  ["汉字", 4],
  ["🙂", 2],
  ["·…", 2],
])("widthOf(%j)", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("fit() cuts by columns, never through a wide character", () => {
  expect(["abcdef", "汉字汉字", "abc"].map((text) => fit(text, 4))).toEqual(["abc…", "汉…", "abc"]);
  expect(fit("abc", 0)).toBe("");
});

test("printable() drops what would move the cursor", () => {
  expect(printable("\x1b[1;31mred\x1b[0m\tx\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x07\x9b")).toBe("red    xlink");
});
