// What users get wrong: each has a message with its place, an exit code, and leaves nothing behind.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type CliResult, Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { leftovers } from "../helpers/leftovers.js";

const workspace = new Workspace();
let busybox: string[];

beforeAll(async () => void (busybox = await baseImageFlags("busybox")));
afterEach(() => expect(leftovers(workspace)).toEqual([]));
afterAll(() => workspace.remove());

function buildFile(dockerfile: string, ...flags: readonly string[]): Promise<CliResult> {
  const context = workspace.files("context", { Dockerfile: dockerfile, "present.txt": "here" });
  return workspace.run(["build", "--progress=plain", ...busybox, ...flags, context]);
}

describe("a Dockerfile that is wrong", () => {
  test.each<[string, string, readonly string[], readonly (string | RegExp)[]]>([
    [
      "an unknown instruction",
      "FROM busybox\nRUNN true\n",
      [],
      [
        "dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)",
        "Dockerfile:2",
        'Did you mean "RUN"?',
      ],
    ],
    [
      "an unknown flag",
      "FROM busybox\nCOPY --form=x a b\n",
      [],
      [
        "dockerfile parse error on line 2: unknown flag: --form (did you mean from?)",
        "Dockerfile:2",
        'Did you mean "--from"?',
      ],
    ],
    ["a bad reference", "FROM busybox\nCOPY --from=Not/A/Reference / /x\n", [], ["Not/A/Reference", "Dockerfile:2"]],
    [
      "an unknown stage",
      "FROM busybox AS builder\nRUN true\n",
      ["--target=bulider"],
      ["bulider", 'Did you mean "builder"?'],
    ],
    [
      "COPY of nothing",
      "FROM busybox\nCOPY absent.txt /\n",
      [],
      [
        "failed to solve: failed to compute cache key: failed to calculate checksum of ref ",
        '"/absent.txt": not found',
        "Dockerfile:2",
      ],
    ],
    ["a command that is not there", 'FROM busybox\nRUN ["no-such-program"]\n', [], ["no-such-program", "Dockerfile:2"]],
    ["a shell that finds no command", "FROM busybox\nRUN no-such-program\n", [], ["exit code: 127", "Dockerfile:2"]],
    [
      "a failing RUN",
      "FROM busybox\nRUN echo the last words; exit 42\n",
      [],
      ["exit code: 42", "the last words", ">>> RUN echo"],
    ],
    ["a killed RUN", "FROM busybox\nRUN sh -c 'kill -9 $$'; exit $?\n", [], ["exit code: 137", "Dockerfile:2"]],
    ["an empty Dockerfile", "# nothing\n", [], ["Dockerfile"]],
    ["an unknown user", "FROM busybox\nUSER nobody-here\nRUN true\n", [], ["nobody-here"]],
  ])("%s: its place is said, and the exit code is 1", async (_, dockerfile, flags, says) => {
    const { code, stdout, stderr } = await buildFile(dockerfile, ...flags);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    for (const text of says) expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/internal error|\n +at /);
  });

  test("a step after a failed one is built from the cache once it is put right", async () => {
    await buildFile("FROM busybox\nRUN echo first\nRUN exit 1\n");
    const { code, stderr } = await buildFile("FROM busybox\nRUN echo first\nRUN exit 0\n");
    expect(code).toBe(0);
    expect(stderr).toMatch(/\[2\/3\] RUN echo first\n#\d+ CACHED/);
  });
});

describe("a command line that is wrong", () => {
  test.each<[string, readonly string[], number, readonly string[]]>([
    ["a missing Dockerfile", ["build", "-f", "Absent", "."], 1, ["Absent"]],
    ["a missing context", ["build", "./absent"], 1, ["absent"]],
    ["an unknown flag", ["build", "--buidl-arg", "A=1", "."], 125, ["unknown flag: --buidl-arg", "--build-arg"]],
    ["no context", ["build"], 125, ["expected 1 argument, found none", "PATH"]],
    ["a bad tag", ["build", "-t", "UPPER", "."], 125, ["UPPER"]],
    ["an unknown command", ["biuld", "a", "b"], 125, []],
    ["an image that is not there", ["run", "absent:1"], 1, ["absent:1"]],
    ["a tag of an image that is not there", ["tag", "absent:1", "other:1"], 1, ["absent:1"]],
  ])("%s", async (_, args, code, says) => {
    const result = await workspace.run(args);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "" });
    for (const text of says) expect(result.stderr).toContain(text);
    expect(result.stderr).not.toMatch(/internal error|\n +at /);
  });
});
