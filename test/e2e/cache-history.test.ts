// Past builds, explained: what `explain`, `plan`, `builds` and `logs` say to users (features rows 271, 308, 317).

import { chmodSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildPrediction, BuildRecord, Explanation } from "../../index.js";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";

const DOCKERFILE = [
  "FROM busybox AS deps",
  "ARG VERSION=1",
  "WORKDIR /app",
  "COPY lock ./",
  "RUN cat lock >installed; echo installing",
  "FROM busybox",
  "COPY --from=deps /app/installed /app/",
  "COPY src /app/src/",
  "RUN cat /app/src/* >/app/out; echo compiling",
  "RUN echo testing",
  "LABEL a=1",
  "",
].join("\n");

let busybox: string[];
let workspace: Workspace;
let context: string;
beforeAll(async () => {
  busybox = await baseImageFlags("busybox");
  workspace = new Workspace();
  context = workspace.files("context", { Dockerfile: DOCKERFILE, lock: "a@1\n", "src/a": "a\n", "src/b": "b\n" });
  await build();
});
afterAll(() => workspace.remove());

const build = (...flags: string[]) => workspace.expectSuccess(["build", "-q", ...flags, ...busybox, context]);
const steps = async (...args: string[]) => {
  const { stdout } = await workspace.expectSuccess(["explain", "--json", ...args]);
  const explanation = JSON.parse(stdout) as Explanation;
  return explanation.steps.map(({ step, cause }) => [step.name.replace(/^\[[^\]]*\] /, ""), cause] as const);
};
const change = (path: string, content: string) => writeFileSync(join(context, path), content);

describe("explain", () => {
  test("says that all is new when there is no earlier build", async () => {
    const causes = await steps();
    expect(causes.map(([, { kind }]) => kind)).toEqual(causes.map(() => "new"));
  });

  test("names nothing when nothing changed but times (S-189)", async () => {
    utimesSync(join(context, "lock"), 1, 1);
    await build();
    expect(await steps()).toEqual([]);
    expect((await workspace.expectSuccess(["explain"])).stdout).toContain("nothing changed");
  });

  test("names each file that changed, and how, by its path in the context; and what follows", async () => {
    change("src/a", "changed\n");
    chmodSync(join(context, "src/b"), 0o755);
    change("src/c", "c\n");
    await build();
    const files = [
      { kind: "file", path: "src/a", what: "content" },
      { kind: "file", path: "src/b", what: "mode", from: "644", to: "755" },
      { kind: "file", path: "src/c", what: "added" },
    ];
    const copied = expect.stringContaining("COPY src") as string;
    expect(await steps()).toEqual([
      ["COPY src /app/src/", { kind: "changed", changes: files }],
      ["RUN cat /app/src/* >/app/out; echo compiling", { kind: "follows", step: copied }],
      ["RUN echo testing", { kind: "follows", step: copied }],
    ]);
    const { stdout } = await workspace.expectSuccess(["explain"]);
    expect(stdout).toContain("3 files changed (1 content, 1 mode, 1 added)");
    expect(stdout).toContain("~ src/b  mode 644 -> 755");
  });

  test("an edit that is taken back is told, although nothing had to run", async () => {
    rmSync(join(context, "src/c"));
    change("src/a", "a\n");
    chmodSync(join(context, "src/b"), 0o644);
    await build();
    const [[name, cause] = []] = await steps();
    expect(name).toBe("COPY src /app/src/");
    expect(cause).toMatchObject({ kind: "changed" });
    expect((await workspace.expectSuccess(["explain"])).stdout).toContain("taken from an earlier build");
  });

  test("names the variable, once, where it first matters", async () => {
    await build("--build-arg", "VERSION=2");
    const [first, ...others] = await steps();
    expect(first).toEqual([
      "RUN cat lock >installed; echo installing",
      { kind: "changed", changes: [{ kind: "variable", name: "VERSION", from: "1", to: "2" }] },
    ]);
    expect(others).toEqual([]); // the result of that RUN is equal: early cutoff (S-192)
    await build();
  });

  test("names the command, with what it was", async () => {
    change("Dockerfile", DOCKERFILE.replace("echo testing", "echo tested"));
    await build();
    const expected = { kind: "changed", changes: [{ kind: "command", from: "echo testing", to: "echo tested" }] };
    expect(await steps()).toEqual([["RUN echo tested", expected]]);
  });

  test("S-194 a changed LABEL costs nothing, and is no cause", async () => {
    change("Dockerfile", DOCKERFILE.replace("echo testing", "echo tested").replace("LABEL a=1", "LABEL a=2"));
    await build();
    expect(await steps()).toEqual([]);
  });

  test("--step tells one step, --against compares with an older build, --no-cache is a cause", async () => {
    change("src/a", "again\n");
    await build("--no-cache-filter", "deps");
    expect((await steps()).map(([, { kind }]) => kind)).toEqual([
      "no-cache",
      "no-cache",
      "no-cache",
      "changed",
      "follows",
      "follows",
    ]);
    expect((await steps("--step", "deps:4")).map(([name]) => name)).toEqual([
      "RUN cat lock >installed; echo installing",
    ]);
    expect(await steps("--step", "5")).toEqual(await steps("--step", "echo tested"));
    const older = (await steps("--against", "^2")).find(([name]) => name === "RUN echo tested");
    expect(older?.[1]).toMatchObject({ kind: "follows" });
  });

  test("a build or a step that is not known is refused by name", async () => {
    const unknown = await workspace.run(["explain", "nothing"]);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('no build is known as "nothing"')]);
    const step = await workspace.run(["explain", "--step", "77"]);
    expect([step.code, step.stderr]).toEqual([125, expect.stringContaining('expected one step that "77" names')]);
  });
});

describe("builds and logs", () => {
  test("builds lists what was built; names of build arguments are kept, values are not", async () => {
    await build("-t", "app:1", "--build-arg", "VERSION=hush-hush");
    const { stdout } = await workspace.expectSuccess(["builds", "--format=json"]);
    const [latest] = JSON.parse(stdout) as readonly BuildRecord[];
    expect(latest).toMatchObject({ status: "done", asked: { context, buildArgs: ["VERSION"] } });
    expect(JSON.stringify(latest?.asked)).not.toContain("hush-hush");
    expect((await workspace.expectSuccess(["builds", "-q", "--filter", "of=app:1"])).stdout.trim()).toBe(latest?.id);
    expect((await workspace.expectSuccess(["builds", "app:1"])).stdout).toContain("RUN echo tested");
  });

  test("a build that fails, or is killed, is listed as what it is", async () => {
    const failing = workspace.files("failing", { Dockerfile: "FROM busybox\nRUN echo oh; exit 3\n" });
    await workspace.run(["build", ...busybox, failing]);
    expect((await workspace.expectSuccess(["builds", "^0"])).stdout).toMatch(/failed.*\n(?:.*\n)*.*exit code: 3/);
    const slow = workspace.files("slow", { Dockerfile: "FROM busybox\nRUN echo begun; sleep 60\n" });
    const running = workspace.start(["build", "--progress=plain", ...busybox, slow]);
    while (!running.stderr().includes("begun\n")) await new Promise((done) => setTimeout(done, 20));
    expect((await workspace.expectSuccess(["builds", "-n", "1"])).stdout).toContain("running");
    running.child.kill("SIGKILL");
    await running.result;
    expect((await workspace.expectSuccess(["builds", "-n", "1"])).stdout).toContain("killed");
    expect((await workspace.expectSuccess(["logs", "^0"])).stdout).toContain("begun");
    expect((await workspace.expectSuccess(["logs", "^1", "2"])).stdout).toBe("oh\n");
  });

  test("--rm forgets a build", async () => {
    const [id] = (await workspace.expectSuccess(["builds", "-q", "-n", "1"])).stdout.split("\n");
    await workspace.expectSuccess(["builds", "--rm", id!.slice(-4)]);
    expect((await workspace.run(["builds", id!])).code).toBe(1);
  });
});

describe("plan", () => {
  const plan = async (...flags: string[]) => {
    const { stdout } = await workspace.expectSuccess(["plan", "--format=json", ...flags, ...busybox, context]);
    return JSON.parse(stdout) as BuildPrediction;
  };
  const outcomes = ({ steps: predicted }: BuildPrediction) => predicted.map(({ outcome }) => outcome);

  test("tells what a build would run, and what that takes; nothing is kept of it", async () => {
    await build();
    const before = (await workspace.expectSuccess(["builds", "-q"])).stdout;
    expect(new Set(outcomes(await plan()))).toEqual(new Set(["cached"]));
    change("src/a", "planned\n");
    const { steps: predicted, time } = await plan();
    expect(predicted.map(({ outcome }) => outcome)).toEqual([
      "cached",
      "cached",
      "cached",
      "cached",
      "runs",
      "runs",
      "depends",
    ]);
    expect(predicted[4]).toMatchObject({ why: "1 file changed: src/a" });
    expect(time.most).toBeGreaterThanOrEqual(time.least);
    expect((await workspace.expectSuccess(["builds", "-q"])).stdout).toBe(before);
    expect((await build()).stdout).toMatch(/^sha256:/);
    expect(new Set(outcomes(await plan()))).toEqual(new Set(["cached"]));
  });

  test("tells that --no-cache runs every RUN", async () => {
    const { steps: predicted } = await plan("--no-cache");
    const runs = predicted.filter(({ name }) => name.includes("RUN"));
    expect(runs.map(({ outcome }) => outcome)).toEqual(["runs", "runs", "runs"]);
  });

  test("fails as the build would, and executes nothing", async () => {
    change("Dockerfile", `${readFileSync(join(context, "Dockerfile"), "utf8")}COPY missing /\n`);
    const { code, stderr } = await workspace.run(["plan", ...busybox, context]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('"/missing": not found')]);
  });
});

describe("causes that are not in the context", () => {
  test("a step that failed is explained by its text, and by being unfinished before", async () => {
    const write = (word: string) => workspace.files("fails", { Dockerfile: `FROM busybox\nRUN echo ok; ${word}\n` });
    await workspace.expectSuccess(["build", "-q", ...busybox, write("true")]);
    await workspace.run(["build", "-q", ...busybox, write("false")]);
    const changes = [{ kind: "command", from: "RUN echo ok; true", to: "RUN echo ok; false" }];
    expect(await steps()).toEqual([["RUN echo ok; false", { kind: "changed", changes }]]);
  });

  test("a base image that moved is named, with what it was; a flag is told once", async () => {
    const base = (word: string) => workspace.files("base", { Dockerfile: `FROM busybox\nRUN echo ${word} >/base\n` });
    const app = workspace.files("app", { Dockerfile: "FROM base:1\nRUN cat /base\nRUN echo app\n" });
    const all = ["build", "-q", ...busybox];
    await workspace.expectSuccess([...all, "-t", "base:1", base("one")]);
    await workspace.expectSuccess([...all, app]);
    await workspace.expectSuccess([...all, "-t", "base:1", base("two")]);
    await workspace.expectSuccess([...all, app]);
    const moved = expect.stringMatching(/^docker\.io\/library\/base:1@sha256:/) as string;
    const [first, second] = await steps();
    expect(first).toEqual(["RUN cat /base", { kind: "changed", changes: [{ kind: "base", from: moved, to: moved }] }]);
    expect(second?.[1]).toMatchObject({ kind: "follows" });
    await workspace.expectSuccess([...all, "--network=none", app]);
    const flag = { kind: "input", name: "network", from: "default", to: "none" };
    expect((await steps())[0]?.[1]).toEqual({ kind: "changed", changes: [flag] });
  });
});
