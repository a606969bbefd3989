import { expect, test } from "vitest";
import { DockerfileError, StepError, TsbuildError } from "../../../index.js";
import { openProgress, type Progress } from "../../../cli/progress/progress.js";
import { excerpt } from "../../../cli/report/excerpt.js";
import { reportFailure } from "../../../cli/report/failure.js";
import { printWarnings } from "../../../cli/report/warnings.js";
import { FAILURE, file } from "../progress/events.js";

function report(
  error: unknown,
  { mode = "plain", signal = new AbortController().signal }: { mode?: Progress["mode"]; signal?: AbortSignal } = {},
) {
  let printed = "";
  const progress = openProgress(mode, { write: () => true }, {});
  for (const event of FAILURE) progress.onEvent(event);
  progress.end();
  const stderr = { write: (text: string | Uint8Array) => void (printed += String(text)) };
  const code = reportFailure(error, { io: { stderr, env: {}, signal }, progress, debug: false });
  return { printed, code };
}

const span = { file, line: 5, column: 1, length: 12 };
const failedStep = new StepError(
  "run_failed",
  'process "/bin/sh -c npm test" did not complete successfully: exit code: 3',
  {
    vertex: "[4/4] RUN npm test",
    span,
    lines: [5, 5],
    exitCode: 3,
  },
);

test("a failed step is repeated as docker does it: log, place, one line", () => {
  const { printed, code } = report(failedStep);
  expect(code).toBe(1);
  expect(`\n${printed}`).toMatchInlineSnapshot(`
    "
    ------
     > [4/4] RUN npm test:
    1.204 1 failing
    ------
    Dockerfile:5
    --------------------
       3 |     COPY . .
       4 |     RUN npm ci
       5 | >>> RUN npm test
       6 |     CMD ["node", "."]
    --------------------
    ERROR: failed to build: failed to solve: process "/bin/sh -c npm test" did not complete successfully: exit code: 3
    "
  `);
});

test("on GitHub the line that failed is annotated, after all else", () => {
  const { printed } = report(failedStep, { mode: "github" });
  expect(printed.split("\n").slice(-2)).toEqual([
    '::error file=Dockerfile,line=5,col=1,endColumn=13,title=RUN failed::process "/bin/sh -c npm test" did not complete successfully: exit code: 3',
    "",
  ]);
  const others = Array.from({ length: 20 }, (_, line) => new DockerfileError("syntax", `wrong ${line}`, span));
  const many = report(new DockerfileError("unknown_stage", "100%: x", span, { others }), { mode: "github" }).printed;
  const annotations = many.split("\n").filter((line) => line.startsWith("::error "));
  expect(annotations).toHaveLength(10);
  expect(annotations[0]).toMatch(/,title=unknown_stage::100%25: x$/);
  expect(report(new Error("x"), { mode: "github" }).printed).toContain("\n::error title=build failed::x\n");
});

test("a full disk has its own exit code", () => {
  const cause = new TsbuildError("store_full", "no space left");
  expect(report(new StepError("store_full", "no space left", { vertex: "x" }, { cause })).code).toBe(102);
  expect(report(Object.assign(new Error("write"), { code: "ENOSPC" })).code).toBe(102);
});

test("an error of the language shows its caret and not docker's excerpt too", () => {
  const { printed } = report(new DockerfileError("unknown_stage", 'no stage is named "x"', span));
  expect(printed).not.toContain(">>>");
  expect(printed).toContain("\nDockerfile:5:1: error[unknown_stage]\n");
});

test("rawjson readers get the error line, and no text in docker's form", () => {
  expect(report(failedStep, { mode: "rawjson" }).printed).toBe(
    `ERROR: failed to build: failed to solve: ${failedStep.message}\n`,
  );
});

test("an interrupt says how many steps are cached", () => {
  const { printed } = report(failedStep, { signal: AbortSignal.abort() });
  expect(printed).toBe("ERROR: failed to build: failed to solve: interrupted\n0 finished steps are cached\n");
});

test("an interrupt counts steps that made a layer, and no base images", () => {
  const progress = openProgress("plain", { write: () => true }, {});
  const steps = { "0": [], "1": ["0"] };
  for (const [vertex, inputs] of Object.entries(steps)) {
    progress.onEvent({ type: "vertex", time: 0, vertex, name: vertex, inputs, span });
    progress.onEvent({ type: "started", time: 0, vertex });
    progress.onEvent({ type: "done", time: 1, vertex, cached: false });
  }
  let printed = "";
  const stderr = { write: (text: string | Uint8Array) => void (printed += String(text)) };
  reportFailure(failedStep, { io: { stderr, env: {}, signal: AbortSignal.abort() }, progress, debug: false });
  expect(printed).toContain("\n1 finished step is cached\n");
});

test.each<[lines: [number, number], shown: number[]]>([
  [
    [1, 1],
    [1, 2, 3],
  ],
  [
    [3, 3],
    [1, 2, 3, 4, 5],
  ],
  [
    [6, 6],
    [4, 5, 6],
  ],
  [
    [2, 4],
    [1, 2, 3, 4, 5],
  ],
  [
    [1, 5],
    [1, 2, 3, 4, 5],
  ],
])("excerpt(%j) shows lines %j", (lines, shown) => {
  const rows = excerpt(file, lines).split("\n").slice(2, -1);
  expect(rows.map((row) => Number(row.slice(0, 4)))).toEqual(shown);
  expect(rows.filter((row) => row.includes(">>>"))).toHaveLength(lines[1] - lines[0] + 1);
});

test("warnings are listed as docker does it, and expanded with --debug", () => {
  const warning = {
    time: 0,
    type: "warning",
    rule: "JSONArgsRecommended",
    message: "use JSON",
    url: "https://x",
    span: { ...span, line: 6 },
  } as const;
  const print = (count: number, debug: boolean) => {
    let printed = "";
    const stderr = { write: (text: string | Uint8Array) => void (printed += String(text)) };
    printWarnings(
      Array.from({ length: count }, () => warning),
      { io: { stderr, env: {} }, debug },
    );
    return printed;
  };
  expect(print(0, false)).toBe("");
  expect(print(1, false)).toBe(
    "\n 1 warning found (use --debug to expand):\n - JSONArgsRecommended: use JSON (line 6)\n",
  );
  expect(print(2, false)).toContain(" 2 warnings found (use");
  expect(print(1, true)).toContain("More info: https://x\nDockerfile:6\n--------------------\n");
});
