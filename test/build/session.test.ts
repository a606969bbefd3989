// What a build holds open, and that nothing of it is left when it cannot begin.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build, type BuildOptions, openShell, predictBuild } from "../../build/index.js";
import { Closers } from "../../build/closers.js";
import { reporting } from "../../build/reporting.js";
import { withDefaults } from "../../build/resolved-options.js";
import { begin } from "../../build/session.js";
import { TsbuildError } from "../../errors.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-session-"));
const home = join(directory, "home");

beforeAll(() => writeFileSync(join(directory, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n"));
afterAll(() => rmSync(directory, { recursive: true }));

/** A cache that cannot be opened, which only the cache itself knows. */
const UNUSABLE: BuildOptions = {
  context: directory,
  home,
  cacheFrom: [{ type: "local", directory: join(directory, "cache") }],
  cacheTo: [{ type: "s3", bucket: "b", accessKeyId: "a", region: "r" }],
};

describe("a build that cannot begin", () => {
  test("leaves nobody among the users of the store, and no build", async () => {
    await expect(build(UNUSABLE)).rejects.toMatchObject({ code: "usage", message: expect.stringContaining("secret") });
    expect(readdirSync(join(home, "users"))).toEqual([]);
    expect(readdirSync(home)).not.toContain("builds");
  });

  test("does so for a wrong policy of the store too, whatever is asked", async () => {
    writeFileSync(join(home, "gc.json"), "{");
    for (const ask of [build, predictBuild, openShell])
      await expect(ask({ context: directory, home })).rejects.toMatchObject({ code: "bad_value" });
    expect(readdirSync(join(home, "users"))).toEqual([]);
    rmSync(join(home, "gc.json"));
  });
});

test("fail() notes how the build ended; mask() only takes secrets out", async () => {
  const session = await begin(withDefaults({ context: directory, home, secrets: { s: { value: "a-secret-value" } } }));
  const error = new TsbuildError("run_failed", "it said a-secret-value");
  expect(session.mask(error)).toBe(error);
  expect(error.message).not.toContain("a-secret-value");
  expect(error.hint).toBeUndefined();
  expect(session.fail(error)).toBe(error);
  await session.end();
  expect(readdirSync(join(home, "users"))).toEqual([]);
  const [id] = readdirSync(join(home, "builds"));
  expect(readdirSync(join(home, "builds", id!))).toEqual(["build.json"]);
});

test("reporting() passes on what happens without secrets", () => {
  const told: unknown[] = [];
  const { emit } = reporting(new Map([["s", Buffer.from("a-secret-value")]]), {} as never, (event) => told.push(event));
  emit({ type: "warning", rule: "R", message: "a-secret-value" });
  expect(told).toEqual([expect.objectContaining({ message: expect.not.stringContaining("a-secret-value") })]);
});

describe("Closers", () => {
  test("closes what was opened last first, all of it though one fails, and once", async () => {
    const closed: number[] = [];
    const closers = new Closers();
    for (const number of [1, 2, 3])
      closers.add(async () => {
        closed.push(number);
        if (number > 1) throw new Error(`failure ${number}`);
      });
    await expect(closers.close()).rejects.toThrow("failure 3");
    await closers.close();
    expect(closed).toEqual([3, 2, 1]);
  });
});
