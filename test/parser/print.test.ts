// Trees as text and as JSON.

import { describe, expect, test } from "vitest";
import { parse, print, toJson } from "../../parser/index.js";

describe("print()", () => {
  test("joins continued lines and keeps directives, comments and heredocs", () => {
    const source =
      "# syntax=docker/dockerfile:1\n#escape=`\n#about\nfrom a as b\n\nRUN x `\n  # c\n  y\nCOPY <<-E /z\n\t\ttab\n\tE\nonbuild RUN <<F\nf\nF";
    expect(print(parse(source))).toBe(
      "# syntax=docker/dockerfile:1\n# escape=`\n\n# about\nfrom a as b\nRUN x   y\nCOPY <<-E /z\ntab\nE\nonbuild RUN <<F\nf\nF\n",
    );
  });

  test("does not make a directive of a comment", () => {
    const tree = parse("\n# escape=`\nFROM a");
    expect(print(tree)).toBe("\n# escape=`\nFROM a\n");
    expect(parse(print(tree)).directives).toEqual([]);
  });

  test("does not make a continuation of an escape character that was none", () => {
    const tree = parse("FROM a\nRUN x \\\v\nRUN y");
    expect(parse(print(tree)).instructions.map(({ text }) => text)).toEqual(["a", "x \\", "y"]);
  });
});

describe("toJson()", () => {
  test("has the path once, and places without the file", () => {
    expect(toJson(parse("# escape=`\nFROM a", { path: "x.Dockerfile" }))).toEqual({
      path: "x.Dockerfile",
      directives: [{ name: "escape", value: "`", span: { line: 1, column: 10, length: 1 } }],
      instructions: [
        {
          kind: "FROM",
          keyword: "FROM",
          span: { line: 2, column: 1, length: 4 },
          startLine: 2,
          endLine: 2,
          text: "a",
          comments: [],
          flags: [],
          image: { text: "a", span: { line: 2, column: 6, length: 1 } },
        },
      ],
    });
  });

  test("survives JSON", () => {
    const json = toJson(parse("FROM a\nRUN <<E\nx\nE\nADD --keep-git-dir=false a b"));
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });
});
