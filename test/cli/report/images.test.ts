// Listings in the words and columns of docker.

import { describe, expect, test } from "vitest";
import { columns } from "../../../cli/report/columns.js";
import { goTime, rfc3339, shortSize, since } from "../../../cli/report/docker-units.js";
import { formatRows } from "../../../cli/report/rows.js";
import { printableName } from "../../../internal.js";

test.each([
  [0, "0B"],
  [999, "999B"],
  [1000, "1kB"],
  [1234, "1.23kB"],
  [12_345_678, "12.3MB"],
  [999_999, "1MB"],
  [5e9, "5GB"],
])("shortSize(%d) is %s", (bytes, text) => expect(shortSize(bytes)).toBe(text));

const SECOND = 1000;
const DAY = 86_400 * SECOND;
test.each([
  [0, "Less than a second ago"],
  [SECOND, "1 second ago"],
  [59 * SECOND, "59 seconds ago"],
  [60 * SECOND, "About a minute ago"],
  [121 * SECOND, "2 minutes ago"],
  [3600 * SECOND, "About an hour ago"],
  [2 * 3600 * SECOND, "2 hours ago"],
  [2 * DAY, "2 days ago"],
  [15 * DAY, "2 weeks ago"],
  [61 * DAY, "2 months ago"],
  [800 * DAY, "2 years ago"],
  [-DAY, "Less than a second ago"],
])("since() of %d ms is %s", (age, text) => {
  const now = Date.parse("2026-01-02T03:04:05Z");
  expect(since(new Date(now - age).toISOString(), now)).toBe(text);
});

test("a time that is not known is N/A", () => {
  expect([since(undefined), goTime("yesterday")]).toEqual(["N/A", "N/A"]);
  expect(goTime("2026-01-02T03:04:05.6Z")).toBe("2026-01-02 03:04:05 +0000 UTC");
  expect([rfc3339("2026-01-02T03:04:05.678Z"), rfc3339(undefined)]).toEqual(["2026-01-02T03:04:05Z", "N/A"]);
});

describe("formatRows()", () => {
  const listing = {
    headings: { ID: "IMAGE ID", Tag: "TAG" },
    shown: ["Tag", "ID"],
    rows: [
      { ID: "1", Tag: "a" },
      { ID: "22", Tag: "bbbb" },
    ],
  };
  test.each([
    ["table", "TAG       IMAGE ID\na         1\nbbbb      22\n"],
    [String.raw`table {{.ID}}\t{{upper .Tag}}`, "IMAGE ID   TAG\n1          A\n22         BBBB\n"],
    ["{{.Tag}}={{.ID}}", "a=1\nbbbb=22\n"],
    ["json", '{"ID":"1","Tag":"a"}\n{"ID":"22","Tag":"bbbb"}\n'],
  ])("%s", (format, text) => expect(formatRows({ ...listing, format })).toBe(text));

  test("a wrong field is told although there is no row", () => {
    expect(() => formatRows({ ...listing, rows: [], format: "{{.Nope}}" })).toThrow("there is no field .Nope");
  });
});

test("columns() keeps the last column as it is", () => {
  expect(
    columns(
      [
        ["a", "b"],
        ["ccc", ""],
      ],
      2,
    ),
  ).toBe("a    b\nccc\n");
});

test.each([
  ["plain.txt", "plain.txt"],
  ["a\nb\u001b[31m", String.raw`a\nb\x1b[31m`],
  ["\u202egnp.exe", String.raw`\u202egnp.exe`],
  ["\udcff\\", String.raw`\xff\\`],
  ["ü 漢 😀", "ü 漢 😀"],
])("printableName(%j)", (name, text) => expect(printableName(name)).toBe(text));
