// Which part of a Dockerfile `tsbuild shell --step N` builds.

import { describe, expect, test } from "vitest";
import { upToStep } from "../../build/steps.js";
import { parse } from "../../parser/index.js";
import { names, planText } from "../planner/helpers.js";

const dockerfile = (text: string) => parse(text, { path: "Dockerfile" });

/** The names of the steps that are built. */
async function stepsUpTo(text: string, step: number): Promise<string[]> {
  const whole = dockerfile(text);
  const { instructions } = upToStep(whole, await planText(text), step);
  const lines = new Set(instructions.map(({ span }) => span.line));
  return names(
    await planText(
      text
        .split("\n")
        .map((line, at) => (lines.has(at + 1) ? line : ""))
        .join("\n"),
    ),
  );
}

const TWELVE = ["FROM alpine AS app", ...Array.from({ length: 11 }, (_, at) => `RUN step ${at + 2}`)].join("\n");

describe("upToStep()", () => {
  test.each([1, 2, 3, 9, 10, 12])("ends after step %i of 12", async (step) => {
    const built = await stepsUpTo(TWELVE, step);
    expect(built).toHaveLength(step);
    expect(built.at(-1)).toContain(step === 1 ? "FROM" : `RUN step ${step}`);
  });

  test("counts in the stage of the target, which is the last one then", async () => {
    const text = `${TWELVE}\nFROM app\nENV a=b\nRUN x\nRUN y`;
    expect((await stepsUpTo(text, 1)).at(-1)).toContain("RUN x");
    const named = await planText(text, { target: "app" });
    expect(upToStep(dockerfile(text), named, 4).instructions).toHaveLength(4);
  });

  test("a number that WORKDIR / leaves over means the last step", async () => {
    const text = "FROM alpine\nWORKDIR /\nENV a=b\nRUN x\nENV c=d";
    const linesUpTo = async (step: number) =>
      upToStep(dockerfile(text), await planText(text), step).instructions.length;
    expect([await linesUpTo(1), await linesUpTo(2), await linesUpTo(3)]).toEqual([1, 4, 4]);
  });

  test("a base image that another stage has too is step 1 all the same", async () => {
    const text = "FROM alpine AS a\nRUN x\nFROM alpine\nENV a=b\nCOPY --from=a / /";
    expect(upToStep(dockerfile(text), await planText(text), 1).instructions.at(-1)).toMatchObject({ kind: "ENV" });
  });

  test("a stage without steps is left whole", async () => {
    const text = "FROM scratch AS a\nENV a=b\nFROM scratch";
    const whole = dockerfile(text);
    expect(upToStep(whole, await planText(text, { target: "a" }), 1)).toBe(whole);
  });

  test.each([0, 13, 1.5])("refuses step %d of 12", async (step) => {
    const graph = await planText(TWELVE);
    expect(() => upToStep(dockerfile(TWELVE), graph, step)).toThrow(`expected a step from 1 to 12, found ${step}`);
  });
});
