import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { workTreeOf } from "../../remote/index.js";

test("workTreeOf(): commit and origin without a password; -dirty when a file differs; nothing outside of a repository", async () => {
  const { directory, git } = repository();
  git("remote", "add", "origin", "https://user:password@git.example/app.git");
  const revision = git("rev-parse", "HEAD").trim();
  expect(await workTreeOf(directory)).toEqual({ revision, source: "https://git.example/app.git" });
  writeFileSync(join(directory, "file"), "two");
  expect((await workTreeOf(directory))?.revision).toBe(`${revision}-dirty`);
  expect(await workTreeOf("/proc")).toBeUndefined();
});

test("workTreeOf() runs no program that the repository names", async () => {
  const { directory, git } = repository();
  const trace = join(directory, "trace");
  git("config", "core.fsmonitor", `touch ${trace}; false`);
  expect(await workTreeOf(directory)).toEqual({ revision: git("-c", "core.fsmonitor=", "rev-parse", "HEAD").trim() });
  expect(existsSync(trace)).toBe(false);
});

test("workTreeOf() without git tells nothing", async () => {
  const { directory } = repository();
  vi.stubEnv("PATH", "/nowhere");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await workTreeOf(directory)).toBeUndefined();
});

/** One file in one commit. */
function repository() {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-work-tree-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const author = ["-c", "user.name=n", "-c", "user.email=n@example.com"];
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", directory, ...author, ...args], { encoding: "utf8" });
  git("init", "--quiet");
  writeFileSync(join(directory, "file"), "one");
  git("add", "file");
  git("commit", "--quiet", "-m", "one");
  return { directory, git };
}
