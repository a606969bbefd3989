// A step that fails: the shell in it, the file that it is saved to, and shells at other steps, driven from the command line.

import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "../../helpers/cli.js";
import { baseImageFlags } from "../../helpers/images.js";
import { skopeoInspect } from "../../helpers/other-tools.js";

const workspace = new Workspace();
const home = join(workspace.path, "home");
const DOCKERFILE = [
  "FROM busybox AS one",
  "WORKDIR /w",
  "ENV A=b",
  "RUN echo first >first",
  "USER 1234",
  "RUN --mount=type=bind,source=file,target=/mnt/file --mount=type=secret,id=s,env=SECRET --mount=type=cache,target=/c,mode=777 echo left >/tmp/left && exit 7",
].join("\n");
let context: string;
let base: string[];

beforeAll(async () => {
  base = await baseImageFlags("busybox");
  context = workspace.files("context", { Dockerfile: DOCKERFILE, file: "of the context" });
});
afterAll(() => workspace.remove());

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function tsbuild(words: readonly string[], input = ""): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn("bin/tsbuild", words, {
      env: { ...process.env, TSBUILD_HOME: home, SECRET: "value-of-the-secret" },
    });
    const chunks: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (data: Buffer) => chunks[0].push(data));
    child.stderr.on("data", (data: Buffer) => chunks[1].push(data));
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(chunks[0]).toString(), stderr: Buffer.concat(chunks[1]).toString() }),
    );
    child.stdin.end(input);
  });
}

describe.each(["built-in", "crun", "runc"])("--on-error=shell on %s", (runtime) => {
  test("has the root as the step left it, its mounts, user, environment and directory", async () => {
    const look = "cat /tmp/left /mnt/file; pwd; id -u; echo $A $SECRET; ls -d /c; exit 5\n";
    const words = [
      "build",
      "--progress=plain",
      "--no-cache",
      `--oci-runtime=${runtime}`,
      "--on-error=shell",
      "--secret=id=s,env=SECRET",
      ...base,
      context,
    ];
    const { code, stdout, stderr } = await tsbuild(words, look);
    expect(stdout).toBe("left\nof the context/w\n1234\nb value-of-the-secret\n/c\n");
    expect(stderr).toContain("exit code: 7");
    expect(code).toBe(1);
    expect(stderr).not.toContain("value-of-the-secret");
  });
});

test("--on-error=shell opens a shell in a step that hangs, for as long as it takes", async () => {
  const hanging = workspace.files("hanging", { Dockerfile: "FROM busybox\nRUN echo left >/left; sleep 100" });
  const words = ["build", "--progress=plain", "--run-timeout=1s", "--on-error=shell", ...base, hanging];
  const { stdout, code } = await tsbuild(words, "sleep 1.5; cat /left\n");
  expect([stdout, code]).toEqual(["left\n", 1]);
});

describe("--on-error=save", () => {
  const file = join(workspace.path, "failed.tar");

  test("writes an image that other programs read, and that has no secret", async () => {
    const { stderr } = await tsbuild([
      "build",
      "--progress=plain",
      `--on-error=save=${file}`,
      "--secret=id=s,env=SECRET",
      ...base,
      context,
    ]);
    expect(stderr).toContain(`the failed step is in ${file}`);
    expect(skopeoInspect(`oci-archive:${file}`).Env).toContain("A=b");
    expect(readFileSync(file).includes("value-of-the-secret")).toBe(false);
  });

  test("is opened by replay, in another store", async () => {
    const { code, stdout, stderr } = await tsbuild(
      ["replay", `--home=${join(workspace.path, "other")}`, file],
      "cat /tmp/left /mnt/file; id -u; echo $A; exit 4\n",
    );
    expect(stdout).toBe("left\nof the context1234\nb\n");
    expect(stderr).toContain("echo left >/tmp/left && exit 7");
    expect(code).toBe(4);
  });

  test("is run again by replay --again", async () => {
    expect((await tsbuild(["replay", "--again", file])).code).toBe(7);
  });

  test("is refused when the step left a secret in it", async () => {
    const leaky = workspace.files("leaky", {
      Dockerfile: "FROM busybox\nRUN --mount=type=secret,id=s,env=SECRET echo $SECRET >/x; false",
    });
    const target = join(workspace.path, "leak.tar");
    const { stderr, code } = await tsbuild([
      "build",
      "--progress=plain",
      `--on-error=save=${target}`,
      "--secret=id=s,env=SECRET",
      ...base,
      leaky,
    ]);
    expect(stderr).toContain('the value of the secret "s" is in the file "/x"');
    expect([existsSync(target), code]).toEqual([false, 1]);
  });

  test.each([
    ["that did not end in time", "RUN echo left >/left; sleep 100", "the step did not end within 1 seconds"],
    ["that cannot be started", 'RUN ["/nonexist"]', '"/nonexist", or the interpreter it names'],
  ])("takes a step %s", async (_, run, message) => {
    const stopped = workspace.files("stopped", { Dockerfile: `FROM busybox\n${run}` });
    const target = join(workspace.path, "stopped.tar");
    const words = ["build", "--progress=plain", "--run-timeout=1s", `--on-error=save=${target}`, ...base, stopped];
    const { stderr, code } = await tsbuild(words);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(
      `note: the failed step is in ${target}: look at it with "tsbuild replay ${target}"`,
    );
    expect([skopeoInspect(`oci-archive:${target}`).Architecture, code]).toEqual(["amd64", 1]);
  });

  test("replay refuses what is no such file", async () => {
    const { stderr, code } = await tsbuild(["replay", join(context, "file")]);
    expect(stderr).toMatch(/ERROR: .*archive/);
    expect(code).not.toBe(0);
  });
});

describe("shell", () => {
  test.each([
    ["2", "/w\n\n"],
    ["3", "/w\nfirst\nb\n"],
  ])("--step %s has what is there after it", async (step, expected) => {
    const { stdout } = await tsbuild(["shell", ...base, "--step", step, context, "sh", "-c", "pwd; ls; echo $A"]);
    expect(stdout).toBe(expected);
  });

  test("is one when no command is given, and what it changes is gone", async () => {
    const first = await tsbuild(["shell", ...base, "--step=3", context], "echo x >/w/new; ls /w; exit 9\n");
    expect([first.stdout, first.code]).toEqual(["first\nnew\n", 9]);
    expect((await tsbuild(["shell", ...base, "--step=3", context, "ls"])).stdout).toBe("first\n");
  });

  test("takes what a build made, of steps with secrets too, and makes what is too old", async () => {
    const secret = "RUN --mount=type=secret,id=s,env=SECRET echo made >/made";
    const made = workspace.files("made", { Dockerfile: `FROM busybox\n${secret}` });
    const flags = ["--progress=plain", "--secret=id=s,env=SECRET", ...base];
    await tsbuild(["build", ...flags, made]);
    const { stdout, stderr } = await tsbuild(["shell", ...flags, made, "cat", "/made"]);
    expect([stdout, stderr]).toEqual(["made\n", expect.stringMatching(/RUN --mount.*\n#\d+ CACHED/)]);
    const older = await tsbuild(["shell", ...flags, "--cache-ttl=0", made, "true"]);
    expect(older.stderr).toContain("why: its result is older than --cache-ttl");
  });

  test("tells which steps there are", async () => {
    expect((await tsbuild(["shell", ...base, "--step=9", context])).stderr).toContain(
      "expected a step from 1 to 4, found 9",
    );
  });

  test("takes no flag that has no meaning for it", async () => {
    expect((await tsbuild(["shell", "--push", context])).stderr).toContain("--push has no meaning for a shell");
  });
});

test("a shell on a terminal has job control, on a terminal of its own", async () => {
  const line = `bin/tsbuild shell ${base.join(" ")} --home=${home} --step=3 ${context} sh -ic 'tty; echo $TERM; stty size >/dev/null && echo has-terminal'`;
  const { stdout } = await promisify(execFile)("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    env: { ...process.env, TERM: "xterm" },
  });
  expect(stdout).toContain("has-terminal");
  expect(stdout).not.toContain("job control turned off");
});
