// SOURCE_DATE_EPOCH as the Dockerfile and the context give it (features 93).
// https://github.com/moby/buildkit/blob/master/docs/build-repro.md#source_date_epoch

import { afterAll, beforeAll, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { GitServer } from "../helpers/git-server.js";

const workspace = new Workspace();
let repositories: GitServer;
beforeAll(async () => {
  repositories = await GitServer.start();
});
afterAll(async () => {
  await repositories?.close();
  workspace.remove();
});

async function created(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  await workspace.expectSuccess(["-t", "dated", ...args], { env });
  const { stdout } = await workspace.expectSuccess(["inspect", "--format", "{{.Created}}", "dated"]);
  return Date.parse(stdout.trim()) / 1000;
}

const context = (name: string, first: string): string =>
  workspace.files(name, { Dockerfile: `${first}\nFROM scratch\nCOPY a /a\n`, a: name });

test("an ARG before the first FROM dates the image; the command line has more to say", async () => {
  const path = context("value", "ARG SOURCE_DATE_EPOCH=1700000000");
  expect(await created([path])).toBe(1_700_000_000);
  expect(await created(["--build-arg", "SOURCE_DATE_EPOCH=1600000000", path])).toBe(1_600_000_000);
  expect(await created([path], { SOURCE_DATE_EPOCH: "1500000000" })).toBe(1_500_000_000);
});

test("context: the commit of a repository", async () => {
  const repository = repositories.repository("app.git");
  repository.commit({ Dockerfile: "ARG SOURCE_DATE_EPOCH=context\nFROM scratch\nCOPY a /a\n", a: "committed" });
  const date = await created([repository.url]);
  expect(date).toBe(Date.parse("2020-02-02T02:02:02Z") / 1000);
  expect(await created(["--build-arg", "SOURCE_DATE_EPOCH=context", repository.url])).toBe(date);
});

test("context: a directory has no date, and the variable is unset", async () => {
  const before = Math.floor(Date.now() / 1000);
  expect(await created([context("local", "ARG SOURCE_DATE_EPOCH=context")])).toBeGreaterThanOrEqual(before);
});

test("a build context that has a name, and a stage that is one ADD: the date of what they are", async () => {
  const repository = repositories.repository("dated.git");
  repository.commit({ a: "committed" });
  const committed = Date.parse("2020-02-02T02:02:02Z") / 1000;
  const named = context("named", "ARG SOURCE_DATE_EPOCH=Source");
  expect(await created(["--build-context", `source=${repository.url}`, named])).toBe(committed);
  const stage = `ARG SOURCE_DATE_EPOCH=source REPOSITORY\nFROM scratch AS Source\nARG REPOSITORY\nADD $REPOSITORY /\n`;
  const args = ["--build-arg", `REPOSITORY=${repository.url}`];
  expect(await created([...args, context("added", stage)])).toBe(committed);
  const other = context("other", stage.replace("ARG SOURCE_DATE_EPOCH=source REPOSITORY", "ARG REPOSITORY"));
  expect(await created([...args, "--build-arg", "SOURCE_DATE_EPOCH=source", other])).toBe(committed);
});

test("another value is refused at its place", async () => {
  const { code, stderr } = await workspace.run([context("stage", "ARG SOURCE_DATE_EPOCH=build")]);
  expect(code).toBe(1);
  expect(stderr).toContain('or the name of something remote, found "build"');
  expect(stderr).toContain("Dockerfile:1");
  const copied = context("copied", "ARG SOURCE_DATE_EPOCH=build\nFROM scratch AS build\nCOPY a /\n");
  expect((await workspace.run([copied])).stderr).toContain('found "build"');
  const wrong = await workspace.run(["--build-arg", "SOURCE_DATE_EPOCH=nope", context("wrong", "ARG X")]);
  expect(wrong).toMatchObject({ code: 125, stderr: expect.stringContaining('found "nope"') });
});
