import { describe, expect, test } from "vitest";
import { DockerfileError, StepError, TsbuildError } from "../../../index.js";
import { describeError } from "../../../cli/report/error.js";
import { file } from "../progress/events.js";

function text(error: unknown, options = {}): string {
  const { head, details } = describeError(error, options);
  return [head, ...details].join("\n");
}

const at = (line: number, column: number, length: number) => ({ file, line, column, length });

describe("describeError()", () => {
  test("prints message and hint", () => {
    expect(
      text(new TsbuildError("image_not_found", 'no image "app:2" in the store', { hint: 'Did you mean "app:1"?' })),
    ).toBe('ERROR: no image "app:2" in the store\nhint: Did you mean "app:1"?');
  });

  test("prints docker's line first, then place, caret and hint, and the message once", () => {
    const error = new DockerfileError("unknown_instruction", 'unknown instruction "RUNN"', at(4, 1, 3), {
      hint: 'Did you mean "RUN"?',
    });
    expect(`\n${text(error, { prefix: "failed to build: failed to solve: " })}\n`).toMatchInlineSnapshot(`
      "
      ERROR: failed to build: failed to solve: dockerfile parse error on line 4: unknown instruction "RUNN"
      Dockerfile:4:1: error[unknown_instruction]
      3 | COPY . .
      4 | RUN npm ci
        | ^^^
      5 | RUN npm test
      hint: Did you mean "RUN"?
      "
    `);
  });

  test("does not repeat what an error around it says with a better hint", () => {
    const cause = new TsbuildError("bad_reference", "no such name", { hint: 'Write "dep".' });
    const error = new DockerfileError("bad_reference", "no such name", at(1, 6, 7), {
      cause,
      hint: 'Did you mean "dep"?',
    });
    expect(text(error).match(/hint: .*/g)).toEqual(['hint: Did you mean "dep"?']);
  });

  test("names no line in front of errors that docker's parser does not find", () => {
    expect(text(new DockerfileError("unknown_stage", 'no stage is named "x"', at(1, 6, 7)))).toMatch(
      /^ERROR: no stage is named "x"\n/,
    );
  });

  test("prints several errors of one file together, in order", () => {
    const second = new DockerfileError("unknown_flag", 'COPY has no flag "--x"', at(3, 6, 1));
    const first = new DockerfileError("unknown_instruction", 'unknown instruction "A"', at(2, 1, 7), {
      others: [second],
    });
    expect(text(first).match(/^Dockerfile:.*/gm)).toEqual([
      "Dockerfile:2:1: error[unknown_instruction]",
      'Dockerfile:3:6: error[unknown_flag]: COPY has no flag "--x"',
    ]);
  });

  test("prints each cause once, with its hint", () => {
    const system = new Error("ENOSPC: no space left on device, write");
    const full = new TsbuildError("store_full", 'no space left to write "x"', {
      cause: system,
      hint: "Free some space.",
    });
    const step = new StepError(
      "store_full",
      'no space left to write "x"',
      { vertex: "[1/2] COPY . ." },
      { cause: full },
    );
    expect(text(step)).toBe(
      'ERROR: no space left to write "x"\nhint: Free some space.\ncause: ENOSPC: no space left on device, write',
    );
  });

  test("prints the stacks with debug only", () => {
    const error = new TsbuildError("usage", "wrong", { cause: new Error("inner") });
    expect(text(error)).not.toContain("    at ");
    expect(text(error, { debug: true })).toMatch(/TsbuildError: wrong\n {4}at [^]*caused by: Error: inner\n {4}at /);
  });

  test("takes anything else for a bug, and asks for a report", () => {
    const printed = text(new TypeError("x is undefined"));
    expect(printed).toMatch(/^ERROR: internal error: x is undefined\nTypeError: x is undefined\n {4}at /);
    expect(printed).toMatch(
      /hint: This is a bug of tsbuild\. Please report it, with the lines above and the Dockerfile\.$/,
    );
    expect(text("just a string")).toContain("ERROR: internal error: just a string");
  });
});
