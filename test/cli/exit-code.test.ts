import { expect, test } from "vitest";
import { exitCodeOf } from "../../cli/exit-code.js";
import { commandError } from "../../executor/sandbox/command-error.js";
import { DockerfileError, StepError, TsbuildError } from "../../index.js";
import { file } from "./progress/events.js";

const noSpace = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });

test.each([
  ["a wrong command line", new TsbuildError("usage", "unknown flag"), 125],
  ["a name that can be none", new TsbuildError("bad_reference", "expected a repository in lower case"), 125],
  ["a platform that is none", new TsbuildError("bad_platform", "expected a platform"), 125],
  [
    "such a name in a Dockerfile",
    new DockerfileError("bad_reference", "x", { file, line: 1, column: 1, length: 1 }),
    1,
  ],
  ["such a platform met by a step", new StepError("bad_platform", "x", { vertex: "[1/2] COPY . ." }), 1],
  ["a full store", new TsbuildError("store_full", "no space left"), 102],
  ["a cause that is a full disk", new TsbuildError("output_failed", "cannot write", { cause: noSpace }), 102],
  ["a step that failed", new StepError("run_failed", "exit code: 3", { vertex: "[2/2] RUN false", exitCode: 3 }), 1],
  ["a command that is not in the image", commandError("ENOENT", { command: "npm", env: [] }), 127],
  ["a command that cannot be executed", commandError("EACCES", { command: "/etc/passwd", env: [] }), 126],
  ["a bug", new Error("undefined is not a function"), 1],
])("exitCodeOf() %s", (_name, error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});
