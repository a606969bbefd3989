// --fix: what is corrected, how, and that the meaning stays (features row 194).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixText } from "../../checks/index.js";
import { DockerfileError, lint, parse } from "../../parser/index.js";
import { planText } from "../planner/helpers.js";

type Row = readonly [name: string, before: string, after: string];

const corrected: Row[] = [
  ["the names of stages", "FROM a AS Build\nCOPY --from=Build /x /y", "FROM a AS build\nCOPY --from=Build /x /y"],
  ["AS", "FROM a as b", "FROM a AS b"],
  ["AS in lower case", "from a AS b", "from a as b"],
  ["AS on the line after", "FROM a \\\n  # why\n  as b", "FROM a \\\n  # why\n  AS b"],
  ["an image called as", "FROM as as b", "FROM as AS b"],
  ["instructions to upper case", "FROM a\nrun x\nRun y\nRUN z", "FROM a\nRUN x\nRUN y\nRUN z"],
  ["instructions to lower case, and AS with its FROM", "FROM a AS b\nrun x\nrun z", "from a as b\nrun x\nrun z"],
  ["ENV with one word", "FROM a\nENV b c", "FROM a\nENV b=c"],
  ["ENV with many words", "FROM a\nENV b  c   d $e", 'FROM a\nENV b="c   d $e"'],
  ["ENV over lines", "FROM a\nENV b c \\\n  # d\n  e", 'FROM a\nENV b="c \\\n  # d\n  e"'],
  ["ENV with quotes and blanks", `FROM a\nENV b "c d" 'e f' g`, `FROM a\nENV b="c d"\\ 'e f'\\ g`],
  ["ENV with an equals sign in its value", "FROM a\nENV b c=d", "FROM a\nENV b=c=d"],
  ["ENV under another escape character", "# escape=`\nFROM a\nENV b 'c' d", "# escape=`\nFROM a\nENV b='c'` d"],
  ["LABEL", "FROM a\nLABEL b c d", 'FROM a\nLABEL b="c d"'],
  ["blank lines", "FROM a\nRUN b \\\n\n \t\n  c", "FROM a\nRUN b \\\n  c"],
  ["protocols", "FROM a\nEXPOSE 80/TCP 81 82/Udp", "FROM a\nEXPOSE 80/tcp 81 82/udp"],
  ["MAINTAINER", "FROM a\nMAINTAINER b <c@d>", 'FROM a\nLABEL org.opencontainers.image.authors="b <c@d>"'],
  [
    "MAINTAINER with signs",
    'FROM a\nMAINTAINER "$b" \\c',
    'FROM a\nLABEL org.opencontainers.image.authors="\\"\\$b\\" \\\\c"',
  ],
  [
    "maintainer in lower case",
    "from a\nmaintainer b \\\n  c",
    'from a\nlabel org.opencontainers.image.authors="b   c"',
  ],
  [
    "$TARGETPLATFORM",
    "FROM --platform=$TARGETPLATFORM a\nFROM --platform=${TARGETPLATFORM}  b AS c",
    "FROM a\nFROM b AS c",
  ],
  ["line ends of Windows", "FROM a\r\nenv b c d\r\nRUN x\r\n", 'FROM a\r\nENV b="c d"\r\nRUN x\r\n'],
  ["after a byte order mark", "\ufeffFROM a as b\n", "\ufeffFROM a AS b\n"],
];

test.each(corrected)("corrects %s", (_, before, after) => {
  expect(fixText(before).text).toBe(after);
});

const left: readonly (readonly [why: string, text: string])[] = [
  ["the name and its value are on different lines", "FROM a\nENV b \\\n  c d"],
  ["a label for the author is there too", "FROM a\nLABEL org.opencontainers.image.authors=b\nMAINTAINER c"],
  ["an ARG gives $TARGETPLATFORM another value", "ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM a"],
  ["the rule is skipped", "# check=skip=FromAsCasing\nFROM a as b"],
  ["the rule is skipped for the instruction", "# check=skip=FromAsCasing\n\n# check=skip=FromAsCasing\nFROM a as b"],
  ["there is more than one way to correct it", "FROM a\nCMD b\nWORKDIR c"],
];

test.each(left)("leaves the file alone when %s", (_, text) => {
  expect(fixText(text)).toEqual({ text, fixes: [] });
});

test("says what it corrected, and where that was", () => {
  const { fixes } = fixText("FROM a as B\nRUN x \\\n\n y\nEXPOSE 80/TCP");
  expect(fixes.map(({ rule, line }) => `${rule}:${line}`)).toEqual([
    "FromAsCasing:1",
    "StageNameCasing:1",
    "NoEmptyContinuation:3",
    "ExposeProtoCasing:5",
  ]);
});

test("says each fix once, in file order, with the line that it was on, however many passes it took", () => {
  const { fixes } = fixText("From a As B\nRUN x \\\n\n\n y\nexPose 80/TCP 81/TCP\nlabel a b\nfrom B As c\n");
  const told = fixes.map(({ rule, line }) => `${line} ${rule}`);
  expect(new Set(told).size).toBe(told.length);
  expect(told.map((text) => Number.parseInt(text))).toEqual(
    told.map((text) => Number.parseInt(text)).sort((a, b) => a - b),
  );
  expect(told).toContain("6 ExposeProtoCasing");
  expect(told).toContain("1 FromAsCasing");
  expect(told).toContain("8 FromAsCasing");
});

describe("of Dockerfiles of well-known kinds", () => {
  const folder = "fixtures/dockerfiles-real";
  const files = readdirSync(folder).map(
    (name) => [name, readFileSync(join(folder, name, "Dockerfile"), "utf8")] as const,
  );

  test.each(files)("%s plans to the same image, and every old ENV of it is corrected", async (_, text) => {
    const fixed = fixText(text).text;
    expect(await planned(fixed)).toBe(await planned(text));
    expect(lint(parse(fixed)).filter(({ rule }) => rule === "LegacyKeyValueFormat")).toEqual([]);
  });
});

describe("of any Dockerfile", () => {
  const blanks = fc.constantFrom(" ", "  ", "\t", " \\\n ", " \\\n\n  ", " \\\n# note\n  ");
  const keyword = (name: string) => fc.constantFrom(name, name.toLowerCase(), name[0] + name.slice(1).toLowerCase());
  const value = fc
    .array(fc.constantFrom("a", "b c", '"d  e"', "'f g'", "$A", "${B:-x y}", "\\ ", '\\"', "=", "h\\", " ", "#"), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.join(""));
  const line = fc.oneof(
    fc.tuple(keyword("ENV"), blanks, fc.constantFrom("A", "B"), blanks, value).map((words) => words.join("")),
    fc.tuple(keyword("LABEL"), blanks, fc.constantFrom("x", "y.z"), blanks, value).map((words) => words.join("")),
    fc
      .tuple(keyword("EXPOSE"), blanks, fc.constantFrom("80/TCP", "81/Udp 82", "83", "84-85/tCp"))
      .map((words) => words.join("")),
    fc.tuple(keyword("RUN"), blanks, value).map((words) => words.join("")),
    fc.tuple(keyword("ARG"), blanks, fc.constantFrom("A", "B=1", "C='2 3'")).map((words) => words.join("")),
    fc
      .tuple(
        keyword("FROM"),
        blanks,
        fc.constantFrom("", "--platform=$TARGETPLATFORM "),
        fc.constantFrom("i", "one", "Two"),
        blanks,
        keyword("AS"),
        blanks,
        fc.constantFrom("One", "two", "Three"),
      )
      .map((words) => words.join("")),
    fc
      .tuple(keyword("COPY"), blanks, fc.constantFrom("--from=One a b", "--from=two a b", "c d"))
      .map((words) => words.join("")),
  );
  const file = fc
    .array(line, { minLength: 1, maxLength: 8 })
    .map((lines) => ["FROM i AS One", "FROM j AS two", ...lines, ""].join("\n"));

  test("a corrected file plans to the same image, and has no finding that could be corrected", async () => {
    await fc.assert(
      fc.asyncProperty(file, async (text) => {
        if (!parses(text)) return;
        const fixed = fixText(text);
        expect(await planned(fixed.text)).toEqual(await planned(text));
        expect(fixText(fixed.text).fixes).toEqual([]);
        const before = lint(parse(text)).length;
        expect(lint(parse(fixed.text)).length).toBeLessThanOrEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  function parses(text: string): boolean {
    try {
      return parse(text) !== undefined;
    } catch (error) {
      if (error instanceof DockerfileError) return false;
      throw error;
    }
  }
});

/** The graph without places, or what is wrong. */
async function planned(text: string): Promise<string> {
  const platform = { os: "linux", architecture: "amd64" };
  try {
    const { vertices, target, image } = await planText(text, { platform });
    const hidden = ["span", "lines", "name"];
    return JSON.stringify({ vertices, target, image }, (key, part: unknown) =>
      hidden.includes(key) ? undefined : part,
    );
  } catch (error) {
    if (error instanceof DockerfileError)
      return [error, ...error.others]
        .map(({ code }) => code)
        .sort()
        .join(" ");
    throw error;
  }
}
