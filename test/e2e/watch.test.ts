// tsbuild --watch: builds again when something changes that the build reads.

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type CliResult, type RunningCli, Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";

const workspace = new Workspace();
let base: string[];
let running: RunningCli | undefined;
beforeAll(async () => {
  base = await baseImageFlags("busybox");
});
afterEach(() => stop());
afterAll(() => workspace.remove());

async function stop(signal: NodeJS.Signals = "SIGTERM"): Promise<CliResult | undefined> {
  const cli = running;
  running = undefined;
  cli?.child.kill(signal);
  return cli?.result;
}

function watch(context: string, ...flags: string[]): RunningCli {
  running = workspace.start([...base, "--watch", "-t", "app:1", ...flags, context]);
  return running;
}

/** Lines of builds: `14:03:07 app:1 3f2a9c01b2d4 in 0.4s: …` */
const builds = (cli: RunningCli): string[] => cli.stderr().match(/^\d\d:\d\d:\d\d app:1 .*$/gm) ?? [];

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > 20_000) throw new Error(`${what}: not so\n${running?.stderr()}`);
    await setTimeout(20);
  }
}

describe("--watch", () => {
  test("builds again on a change of what COPY reads, and says what ran and why; not on other changes", async () => {
    const context = workspace.files("plain", {
      Dockerfile: "FROM busybox\nCOPY src /src\nRUN cat /src/a > /out\n",
      ".dockerignore": "src/ignored\n",
      "src/a": "one",
      other: "x",
    });
    const cli = watch(context);
    await until("first build", () => builds(cli).length === 1);
    for (const path of ["other", "src/ignored", "new"]) writeFileSync(join(context, path), "changed");
    await setTimeout(400);
    expect(builds(cli)).toHaveLength(1);
    writeFileSync(join(context, "src/a"), "two");
    await until("second build", () => builds(cli).length === 2);
    expect(builds(cli)[1]).toMatch(/COPY src \/src \(1 file changed: .*a.*\), and 1 more$/);
    writeFileSync(join(context, "src/new"), "file");
    await until("third build", () => builds(cli).length === 3);
    rmSync(join(context, "src/new"));
    await until("fourth build", () => builds(cli).length === 4);
    expect(await stop()).toMatchObject({ code: 143 });
  });

  test("a Dockerfile that is broken is told, and watched on", async () => {
    const context = workspace.files("broken", { Dockerfile: "FROM busybox\nRUM x\n" });
    const cli = watch(context);
    await until("the error", () => cli.stderr().includes("watching for changes"));
    expect(cli.stderr()).toContain("Dockerfile:2");
    writeFileSync(join(context, "Dockerfile"), "FROM busybox\nRUN echo 1 > /x\n");
    await until("a build", () => builds(cli).length === 1);
  });

  test("a Dockerfile that is gone for a moment is told, and watched for", async () => {
    const context = workspace.files("gone", { Dockerfile: "FROM busybox\nCOPY a /a\n", a: "1" });
    const cli = watch(context);
    await until("a build", () => builds(cli).length === 1);
    renameSync(join(context, "Dockerfile"), join(context, "D3"));
    await until("the error", () => cli.stderr().includes("watching for changes"));
    expect(cli.stderr()).toContain("no Dockerfile");
    renameSync(join(context, "D3"), join(context, "Dockerfile"));
    await until("a build again", () => builds(cli).length === 2);
  });

  test("a build that a change makes outdated is ended, and the next is right", async () => {
    const context = workspace.files("slow", {
      Dockerfile: "FROM busybox\nCOPY a /a\nRUN sleep $(cat /a); cp /a /b\n",
      a: "600",
    });
    const cli = watch(context, "--progress", "plain");
    await setTimeout(700);
    writeFileSync(join(context, "a"), "0");
    await until("a build", () => builds(cli).length === 1);
  });

  test("--on-built runs with the image's name, and is ended before it runs again and at the end", async () => {
    const context = workspace.files("follow", { Dockerfile: "FROM busybox\nCOPY a /a\n", a: "1" });
    const log = join(workspace.path, "follow.log");
    const said = () => (existsSync(log) ? readFileSync(log, "utf8") : "");
    const command = `echo "start $TSBUILD_IMAGE" >> ${log}; trap 'echo end >> ${log}; exit' TERM; sleep 600 & wait`;
    const cli = watch(context, "--on-built", command);
    await until("the first start", () => said() === "start docker.io/library/app:1\n");
    writeFileSync(join(context, "a"), "2");
    await until("the second", () => said().endsWith("end\nstart docker.io/library/app:1\n"));
    writeFileSync(join(context, "a"), "2");
    await until("a build that gives the same", () => builds(cli).length === 3);
    expect(builds(cli)[2]).toMatch(/: the same image$/);
    await stop();
    expect(
      said()
        .split("\n")
        .filter((line) => line === "end"),
    ).toHaveLength(2);
  });

  test.each([
    [["--watch", "-"], "expected a directory to watch, found a stream"],
    [["--watch", "--check", "."], "--check has no meaning with --watch"],
    [["--watch", "--on-error=shell", "."], "--on-error has no meaning with --watch"],
    [["shell", "--watch", "."], "--watch has no meaning for a shell"],
    [["shell", "--sbom=true", "."], "--sbom has no meaning for a shell"],
    [["plan", "--watch", "."], "--watch"],
    [["--on-built", "true", "."], "--on-built: is of use with --watch only"],
  ])("%j is refused", async (args, message) => {
    const { code, stderr } = await workspace.run(args, { stdin: "FROM scratch\n" });
    expect(code).toBe(125);
    expect(stderr).toContain(message);
  });
});
