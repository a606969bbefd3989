import { expect, test } from "vitest";
import { parseTime } from "../../../cli/flags/times.js";
import { parseTmpfs } from "../../../cli/flags/mount-spec.js";

test.each([
  ["1700000000", 1_700_000_000_000],
  ["2026-11-21T10:00:00Z", Date.UTC(2026, 10, 21, 10)],
  ["2026-11-21T10:00:00+01:00", Date.UTC(2026, 10, 21, 9)],
  ["2026-11-21", new Date(2026, 10, 21).getTime()],
  ["1h30m", 1e12 - 5_400_000],
])("parseTime() reads %s", (text, time) => {
  expect(parseTime(text, "--until", 1e12)).toBe(time);
});

test.each(["yesterday", "2026-13-45", "-5m"])("parseTime() refuses %s", (text) => {
  expect(() => parseTime(text, "--until")).toThrow("--until");
});

test("parseTmpfs() reads sizes and modes, and refuses what has no effect", () => {
  expect(parseTmpfs("/run")).toEqual({ type: "tmpfs", target: "/run" });
  expect(parseTmpfs("/run:rw,size=1m,mode=1777")).toEqual({
    type: "tmpfs",
    target: "/run",
    size: 1 << 20,
    mode: 0o1777,
  });
  for (const text of ["/run:noexec", "run", "/a:b:c"]) expect(() => parseTmpfs(text)).toThrow();
});
