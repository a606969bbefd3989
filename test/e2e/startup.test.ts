// What a start of tsbuild loads: nothing of the network until there is a registry to speak to.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "tsbuild-startup-"));
const hook = join(folder, "hook.cjs");
const context = join(folder, "context");
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  writeFileSync(hook, 'process.on("exit", () => console.error(process.moduleLoadList.join("\\n")));');
  mkdirSync(context);
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
});

/** The modules of Node that a run of the command loads. */
function loaded(...words: string[]): string[] {
  const env = { ...process.env, TSBUILD_HOME: join(folder, "home") };
  const { status, stderr } = spawnSync(process.execPath, ["-r", hook, "dist/cli.cjs", ...words], {
    encoding: "utf8",
    env,
  });
  expect(status, stderr).toBe(0);
  return stderr.split("\n").map((line) => line.replace("NativeModule ", ""));
}

test.each([
  ["tsbuild --version", ["--version"]],
  ["tsbuild --help", ["--help"]],
  ["a build without a registry", ["-q", context]],
  ["a cached build", ["-q", context]],
])("%s loads no network code", (_, words) => {
  const network = loaded(...words).filter((name) =>
    /^(?:http|https|http2|tls|_http_client|internal\/deps\/undici\/undici)$/.test(name),
  );
  expect(network).toEqual([]);
});
