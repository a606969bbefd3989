// Lines, comments, continuation and directives.

import { describe, expect, test } from "vitest";
import { parse } from "../../parser/index.js";
import { failureOf, instruction, place } from "./helpers.js";

const text = (source: string) => instruction("RUN", source).text;

describe("directives", () => {
  const directives = (source: string | Uint8Array) =>
    parse(source).directives.map(({ name, value }) => `${name}=${value}`);

  test("a byte order mark and a line with #! may stand before them (S-001)", () => {
    expect(directives("\ufeff#!/usr/bin/env dockerfile\n# syntax=docker/dockerfile:1\nFROM a")).toEqual([
      "syntax=docker/dockerfile:1",
    ]);
    expect(directives(new TextEncoder().encode("\ufeff# escape=`\nFROM a"))).toEqual(["escape=`"]);
  });

  test.each([
    ["a comment", "# hello\n# escape=`\n"],
    ["a blank line", "\n# escape=`\n"],
    ["an unknown directive (S-002)", "# unknown=x\n# escape=`\n"],
    ["an instruction", "ARG x\n# escape=`\n"],
  ])("end at %s (S-001)", (_, source) => {
    expect(directives(`${source}FROM a`)).toEqual([]);
  });

  test("names are in any case, blanks may stand around the equals sign (S-002)", () => {
    expect(directives("#  SYNTAX  =  docker/dockerfile:1.26-labs  \r\n#Check=skip=all;error=true\nFROM a")).toEqual([
      "syntax=docker/dockerfile:1.26-labs",
      "check=skip=all;error=true",
    ]);
  });

  test("have a span on their value", () => {
    expect(place(parse("# escape = `\nFROM a").directives[0]!.span)).toBe("1:12+1");
  });

  test.each([
    ["# escape=`\n# escape=`\n", "bad_directive", 'the directive "escape" is given twice', "2:10+1"],
    ["# escape=x\n", "bad_directive", 'the escape character must be "\\" or "`", found "x"', "1:10+1"],
    [
      "# check=skipp=x\n",
      "bad_directive",
      '"skipp=x" is not a check option, expected skip, error or experimental',
      "1:9+7",
    ],
    ["# check=error=maybe\n", "bad_directive", 'the check option error must be true or false, found "maybe"', "1:9+11"],
    [
      "# syntax=acme/lang:1\n",
      "unsupported",
      'the frontend "acme/lang:1" cannot be run, expected docker/dockerfile',
      "1:10+11",
    ],
  ])("%j is refused (S-002, S-003)", (source, code, message, where) => {
    const error = failureOf(`${source}FROM a`);
    expect([error.code, error.message, place(error.span)]).toEqual([code, message, where]);
  });

  test.each([
    "docker/dockerfile",
    "docker.io/docker/dockerfile:1",
    "docker/dockerfile-upstream:master",
    "mirror.corp:5000/hub/docker/dockerfile@sha256:ab",
  ])("the frontend %s speaks this language", (value) =>
    expect(directives(`# syntax=${value}\nFROM a`)).toEqual([`syntax=${value}`]),
  );
});

describe("continuation", () => {
  test.each([
    ["a line ends in the escape character and blanks (S-004)", "RUN a \\ \t\n b", "a  b"],
    ["two escape characters do not continue (S-004)", "RUN a \\\\", "a \\\\"],
    ["nothing is put between the lines (S-005)", "RUN ec\\\nho hi", "echo hi"],
    ["blanks of the next line stay (S-005)", "RUN a \\\n   b", "a    b"],
    ["comment lines inside are dropped (S-006)", "RUN a \\\n  # no\n#no\n b", "a  b"],
    ["a number sign inside a line is text (S-006)", "RUN echo a # b", "echo a # b"],
    ["blank lines inside are skipped (S-007)", "RUN a \\\n\n \t\n b", "a  b"],
    ["white space before an instruction does not count (S-008)", " \t RUN a", "a"],
    ["a carriage return is no part of the line (S-010)", "RUN a \\\r\n b\r\n", "a  b"],
    ["the end of the file ends it", "RUN a \\", "a"],
    ["a line may be the escape character only", "RUN a\\\n\\\nb", "ab"],
    ["an instruction may begin behind one", "\\\nRUN a", "a"],
  ])("%s", (_, source, result) => {
    expect(text(source)).toBe(result);
  });

  test("takes a backtick when the directive says so (S-003)", () => {
    const tree = parse("# escape=`\nFROM a\nCOPY a C:\\dir\\\nRUN a `\n b");
    expect(tree.instructions.map((each) => each.text)).toEqual(["a", "a C:\\dir\\", "a  b"]);
  });

  test("spans point to the line where a word stands", () => {
    const { mounts, command, span, startLine, endLine } = instruction(
      "RUN",
      " RUN --mount=type=cache,\\\n  # c\ntarget=/x \\\n\n  make",
    );
    expect([place(span), startLine, endLine]).toEqual(["2:2+3", 2, 6]);
    expect(mounts[0]!.options.map((option) => place(option.span))).toEqual(["2:14+10", "4:1+9"]);
    expect(place(command.span)).toBe("6:3+4");
  });

  test("lines with nothing in them are told (S-007)", () => {
    expect(instruction("RUN", "RUN a \\\n\n  \n b").emptyLines!.map(place)).toEqual(["3:1+0", "4:1+2"]);
    expect(instruction("RUN", "RUN a").emptyLines).toBeUndefined();
  });
});

describe("comments", () => {
  const comments = (source: string) => parse(source).instructions.map((each) => each.comments);

  test("directly above an instruction belong to it", () => {
    expect(comments("# one\n #  two \nFROM a\nRUN b\n# three\nRUN c")).toEqual([["one", "two"], [], ["three"]]);
  });

  test("are cut off by a blank line or an empty comment", () => {
    expect(comments("# one\n\n# two\nFROM a\n# three\n#\nRUN b")).toEqual([["two"], []]);
  });

  test("do not have the directives among them", () => {
    expect(comments("# escape=`\n# one\nFROM a")).toEqual([["one"]]);
  });
});

describe("bytes that are not UTF-8", () => {
  const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

  test("do not matter in a comment", () => {
    expect(parse(bytes("# caf", [0xe9], "\nFROM a")).instructions).toHaveLength(1);
  });

  test("are refused in an instruction, with their place", () => {
    const error = (() => {
      try {
        parse(bytes("FROM a\nRUN x \\\n caf", [0xe9]));
        return undefined;
      } catch (thrown) {
        return thrown as { code: string; message: string; span: never };
      }
    })()!;
    expect([error.code, error.message, place(error.span)]).toEqual([
      "syntax",
      "expected UTF-8 text, found other bytes",
      "3:5+1",
    ]);
  });

  test("a replacement character that was written is text", () => {
    expect(parse(Buffer.from("FROM a\nRUN \ufffd")).instructions[1]!.text).toBe("\ufffd");
  });
});
