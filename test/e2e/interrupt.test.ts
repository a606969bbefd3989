// A build that is ended early: by signals, by kill -9, beside another one. Finished steps stay cached; nothing else stays.

import { setTimeout } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { leftovers } from "../helpers/leftovers.js";
import { stepsOf } from "../helpers/plain-progress.js";
import { until } from "../helpers/processes.js";

const SLOW = "FROM busybox\nRUN echo finished >/a\nRUN echo reached && sleep 100\n";

let busybox: string[];
let workspace: Workspace;
beforeAll(async () => void (busybox = await baseImageFlags("busybox")));
beforeEach(() => void (workspace = new Workspace()));
afterEach(() => workspace.remove());

function start(dockerfile: string, name = "context") {
  const context = workspace.files(name, { Dockerfile: dockerfile });
  return workspace.start(["build", "--progress=plain", ...busybox, context]);
}

async function startSlow() {
  const build = start(SLOW);
  await until(() => /^#\d+ [\d.]+ reached$/m.test(build.stderr()), 30_000);
  return build;
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends a build within a second with exit code %i", async (signal, code) => {
  const build = await startSlow();
  const sent = Date.now();
  build.child.kill(signal);
  expect((await build.result).code).toBe(code);
  expect(Date.now() - sent).toBeLessThan(1000);
  expect(leftovers(workspace)).toEqual([]);
  await expectFinishedStepIsCached();
});

test("kill -9 in a step: the step dies, the store is whole, and the next build removes what was left", async () => {
  const build = await startSlow();
  build.child.kill("SIGKILL");
  await build.result;
  await until(() => leftovers(workspace).every((left) => left.startsWith("scratch")), 2000);
  await expectFinishedStepIsCached();
  expect(leftovers(workspace)).toEqual([]);
});

test("kill -9 at twelve moments of a build: the next one is right", async () => {
  for (let delay = 20; delay <= 460; delay += 40) {
    const build = start(`FROM busybox\nRUN seq 200000 >/numbers${delay}\nCOPY Dockerfile /\nRUN rm /numbers${delay}\n`);
    await setTimeout(delay);
    build.child.kill("SIGKILL");
    await build.result;
  }
  const { code, stderr } = await start("FROM busybox\nRUN seq 200000 >/numbers\nRUN test $(wc -l </numbers) = 200000\n")
    .result;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  await until(() => leftovers(workspace).length === 0, 2000);
});

test("two builds of one Dockerfile at once both succeed, and share a store", async () => {
  const dockerfile = "FROM busybox\nRUN sleep 0.2; echo shared >/a\nCOPY Dockerfile /b\nRUN cat /a /b >/c\n";
  const results = await Promise.all([start(dockerfile).result, start(dockerfile).result]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(leftovers(workspace)).toEqual([]);
});

test("two different builds at once do not disturb each other", async () => {
  const dockerfile = (word: string) => `FROM busybox\nRUN sleep 0.2; echo ${word} >/word\nRUN grep ${word} /word\n`;
  const results = await Promise.all([start(dockerfile("one"), "one").result, start(dockerfile("two"), "two").result]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(leftovers(workspace)).toEqual([]);
});

async function expectFinishedStepIsCached(): Promise<void> {
  const { code, stderr } = await start(SLOW.replace("sleep 100", "true")).result;
  expect(code).toBe(0);
  expect(stepsOf(stderr).get("[2/3] RUN echo finished >/a")).toBe("CACHED");
}
