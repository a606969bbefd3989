// Errors with a place.

import { describe, expect, test } from "vitest";
import { DockerfileError, parse, type Span } from "../../parser/index.js";
import { failureOf, place } from "./helpers.js";

function at(lines: string[], line: number, column: number, length: number): DockerfileError {
  const span: Span = { file: { path: "Dockerfile", lines }, line, column, length };
  return new DockerfileError("syntax", "wrong", span);
}

describe("excerpt()", () => {
  test("shows the line, one line around it, and a caret under the span", () => {
    expect(at(["FROM alpine AS builder", "COPY --from=bulider /out /", "RUN ./test"], 2, 13, 7).excerpt()).toBe(
      [
        "Dockerfile:2:13",
        "1 | FROM alpine AS builder",
        "2 | COPY --from=bulider /out /",
        "  |             ^^^^^^^",
        "3 | RUN ./test",
      ].join("\n"),
    );
  });

  test("takes the number of lines, and pads their numbers", () => {
    const lines = Array.from({ length: 12 }, (_, index) => `L${index + 1}`);
    expect(at(lines, 10, 1, 2).excerpt(2)).toBe(
      ["Dockerfile:10:1", " 8 | L8", " 9 | L9", "10 | L10", "   | ^^", "11 | L11", "12 | L12"].join("\n"),
    );
    expect(at(lines, 1, 1, 0).excerpt(0)).toBe(["Dockerfile:1:1", "1 | L1", "  | ^"].join("\n"));
  });

  test("keeps tabs before the span, so that the caret stands under it", () => {
    expect(at(["a\t\tbad"], 1, 4, 3).excerpt()).toBe("Dockerfile:1:4\n1 | a\t\tbad\n  |  \t\t^^^");
  });

  test("cuts long lines around the span and shows control characters as dots", () => {
    const [, shown, caret] = at([`${"x".repeat(1000)}\u001b[31mbad${"y".repeat(1000)}`], 1, 1006, 3)
      .excerpt()
      .split("\n");
    expect(shown!.length).toBe(164);
    expect(shown).toContain("x·[31mbady");
    expect(shown!.slice(caret!.indexOf("^"), caret!.lastIndexOf("^") + 1)).toBe("bad");
  });
});

describe("parse() reports", () => {
  test("all errors of a file together, the first one first", () => {
    const error = failureOf("FROM a AS 1x\nRUNN x\nCOPY a\nRUN ok\nHEALTHCHECK CMDD x\n");
    expect([error, ...error.others].map(({ code, span }) => `${code} ${place(span)}`)).toEqual([
      "bad_stage_name 1:11+2",
      "unknown_instruction 2:1+4",
      "missing_argument 3:1+4",
      "syntax 5:13+4",
    ]);
    expect(error.others.every(({ others }) => others.length === 0)).toBe(true);
  });

  test("no more than twenty", () => {
    expect(failureOf("blah\n".repeat(1000)).others).toHaveLength(19);
  });

  test("not what stands in the heredoc of a mistyped instruction", () => {
    expect(failureOf("FROM a\nRUNN <<EOF\nwhatever\nEOF\n").others).toEqual([]);
  });

  test.each([
    ["", "empty_dockerfile", "file with no instructions"],
    ["# only\n\n", "empty_dockerfile", "file with no instructions"],
    ["ARG x\n", "no_stage", "dockerfile contains no stages to build"],
    [
      "ARG x\nRUN y\nFROM a",
      "no_stage",
      "no build stage in current context: RUN stands before the first FROM, where only ARG may",
    ],
  ])("%j as %s (S-022)", (source, code, message) => {
    expect(failureOf(source)).toMatchObject({ code, message });
  });

  test("the path that it was given", () => {
    expect(() => parse("x", { path: "docker/api.Dockerfile" })).toThrow(
      expect.objectContaining({
        span: expect.objectContaining({ file: expect.objectContaining({ path: "docker/api.Dockerfile" }) }),
      }),
    );
  });

  test.each([
    ["FORM a", "unknown instruction: FORM (did you mean FROM?)", 'Did you mean "FROM"?'],
    ["cpoy a b", "unknown instruction: cpoy (did you mean copy?)", 'Did you mean "COPY"?'],
    ["FROM a SAS b", 'FROM requires either one or three arguments, found "SAS"', 'Did you mean "AS"?'],
    ["FROM a\nCOPY --form=x a b", "unknown flag: --form (did you mean from?)", 'Did you mean "--from"?'],
    ["FROM a\nRUN --mount=type=cache,taget=/x y", 'a mount has no option "taget"', 'Did you mean "target"?'],
    ["FROM a\nRUN --network=hots y", 'expected default, none, host, found "hots"', 'Did you mean "host"?'],
  ])("%j with a guess", (source, message, hint) => {
    expect(failureOf(source)).toMatchObject({ message, hint });
  });
});
