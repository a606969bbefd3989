// Many processes on one store (S-198, features rows 354 to 356): equal steps run once, prune runs beside builds, and whoever is
// killed leaves a store that the next one uses. TSBUILD_CHAOS_SECONDS=300 looks longer, and says how much there was of each.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";

const SECONDS = Number(process.env["TSBUILD_CHAOS_SECONDS"] ?? 12);
const BUILDERS = 20;

/** How many builds ended by themselves, how many were killed, and how often the store was pruned beside them. */
let counts: { built: number; killed: number; pruned: number };
let busybox: string[];
let workspace: Workspace;
beforeAll(async () => void (busybox = await baseImageFlags("busybox")));
beforeEach(() => void (workspace = new Workspace()));
afterEach(() => workspace.remove());

const context = (name: string, dockerfile: string, files: Readonly<Record<string, string>> = {}) =>
  workspace.files(name, { Dockerfile: dockerfile, ".dockerignore": "Dockerfile", ...files });
const args = (...words: string[]) => ["build", "--progress=plain", ...busybox, ...words];

describe("several processes", () => {
  test("equal steps run once: the others wait, say so, and take the result", async () => {
    const shared = workspace.files("marks", {});
    writeFileSync(join(workspace.path, "marks"), "");
    const dockerfile = "FROM busybox\nRUN echo ran >>/marks; sleep 1; echo made >/made\nRUN cat /made\n";
    const mount = ["--volume", `${shared}:/marks`];
    const builds = ["one", "two", "three"].map((name) =>
      workspace.run(args(...mount, "-t", `${name}:1`, context(name, dockerfile))),
    );
    const results = await Promise.all(builds);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(readFileSync(shared, "utf8")).toBe("ran\n");
    expect(results.filter(({ stderr }) => stderr.includes("waiting for a build that runs the same step"))).toHaveLength(
      2,
    );
  });

  test("who waits runs the step itself when the other one is killed, or fails", async () => {
    const dockerfile = "FROM busybox\nRUN echo begun; sleep 3; echo made >/made\n";
    const first = workspace.start(args(context("one", dockerfile)));
    while (!first.stderr().includes("begun\n")) await sleep(20);
    const second = workspace.start(args(context("two", dockerfile)));
    while (!second.stderr().includes("waiting for a build")) await sleep(20);
    first.child.kill("SIGKILL");
    expect(await second.result).toMatchObject({ code: 0 });
    expect((await second.result).stderr).toContain("begun");
  });

  test("two locked cache mounts, taken in either order and twice by one step, block nobody", async () => {
    const mount = (id: string, target: string) => `--mount=type=cache,sharing=locked,id=${id},target=${target}`;
    const step = (ids: readonly [string, string], word: string) =>
      `FROM busybox\nRUN ${mount(ids[0], "/x")} ${mount(ids[1], "/y")} ${mount(ids[0], "/z")} echo ${word} >>/x/log; sleep 0.3; cat /z/log\n`;
    const builds = [1, 2, 3, 4].map((number) => {
      const ids = number % 2 === 0 ? (["a", "b"] as const) : (["b", "a"] as const);
      return workspace.run(args(context(`mounts-${number}`, step(ids, `word-${number}`))));
    });
    expect((await Promise.all(builds)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  });
});

test(
  "chaos: twenty builders, prune beside them, kill -9 at random; afterwards the store is whole and every image right",
  async () => {
    const end = Date.now() + SECONDS * 1000;
    const failures: string[] = [];
    counts = { built: 0, killed: 0, pruned: 0 };
    const builders = Array.from({ length: BUILDERS }, (_, number) => buildUntil(end, number, failures));
    await Promise.all([...builders, pruneUntil(end, failures)]);
    expect(failures).toEqual([]);
    const { stdout } = await workspace.expectSuccess(["cache", "verify"]);
    expect(stdout).toContain("all is well");
    for (const project of [0, 1, 2, 3]) await expectRight(project);
    await workspace.expectSuccess(["prune", "-f"]);
    expect(readdirSync(join(workspace.home, "tmp"))).toEqual([]);
    expect(counts.built).toBeGreaterThan(0);
    if (SECONDS > 60) console.info(`${SECONDS} seconds of chaos:`, counts);
  },
  SECONDS * 1000 + 120_000,
);

/** Four projects that have steps in common. */
function projectOf(number: number): string {
  const project = number % 4;
  const dockerfile = [
    "FROM busybox AS deps",
    "COPY lock /lock",
    "RUN cat /lock >/deps; head -c 200000 /dev/urandom >/random",
    "FROM busybox",
    "COPY --from=deps /deps /deps",
    `COPY src /src`,
    `RUN --mount=type=cache,id=shared,target=/cache echo ${project} >/cache/${project}; cat /deps /src/* >/out-${project % 2}`,
    `RUN echo ${project} >>/out-${project % 2}`,
  ];
  return context(`project-${project}`, `${dockerfile.join("\n")}\n`, { lock: "lock\n", "src/a": `a${project % 2}\n` });
}

async function buildUntil(end: number, number: number, failures: string[]): Promise<void> {
  const folder = projectOf(number);
  await sleep(number * 50);
  while (Date.now() < end) {
    const running = workspace.start(args("-t", `app-${number % 4}:${number}`, folder));
    const isKilled = Math.random() < 0.3;
    if (isKilled) setTimeout(() => running.child.kill("SIGKILL"), Math.random() * 3000);
    const { code, signal, stderr } = await running.result;
    counts[signal === "SIGKILL" ? "killed" : "built"]++;
    if (code !== 0 && signal !== "SIGKILL") failures.push(stderr);
  }
}

async function pruneUntil(end: number, failures: string[]): Promise<void> {
  const flags = [
    [],
    ["--all"],
    ["--filter", "kind=unpacked"],
    ["--max-used-space", "500k"],
    ["--filter", "kind=mount"],
  ];
  for (let round = 0; Date.now() < end; round++) {
    await sleep(300);
    const { code, stderr } = await workspace.run(["prune", "-f", ...flags[round % flags.length]!]);
    counts.pruned++;
    if (code !== 0) failures.push(stderr);
  }
}

async function expectRight(project: number): Promise<void> {
  await workspace.expectSuccess(args("-t", `right:${project}`, projectOf(project)));
  const { stdout } = await workspace.expectSuccess(["run", `right:${project}`, "cat", `/out-${project % 2}`]);
  expect(stdout).toBe(`lock\na${project % 2}\n${project}\n`);
}
