import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { COMMANDS } from "../../cli/commands.js";
import { completionScript, SHELLS } from "../../cli/completion.js";

const folder = mkdtempSync(join(tmpdir(), "tsbuild-completion-"));
writeFileSync(join(folder, "Dockerfile"), "FROM scratch AS deps\nfrom --platform=linux/amd64 deps as prod\n");
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash would offer for the last of `words`. */
function complete(...words: string[]): string[] {
  const line = `COMP_WORDS=(tsbuild ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _tsbuild`;
  const script = `complete() { :; }; ${completionScript("bash")}\n${line}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script], { encoding: "utf8", cwd: folder });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.split("\n").filter((word) => word !== "");
}

test.each(SHELLS)("%s: every command and every flag is offered", (shell) => {
  const script = completionScript(shell);
  for (const { name, flags } of COMMANDS) {
    for (const word of name.split(" ")) expect(script).toContain(word);
    for (const flag of flags.flags) expect(script).toContain(shell === "fish" ? `-l ${flag.name}` : `--${flag.name}`);
  }
});

test("bash offers flags of the command at hand", () => {
  expect(complete("--no-c")).toEqual(["--no-cache", "--no-cache-filter"]);
  expect(complete("images", "--f")).toEqual(["--filter", "--format"]);
  expect(complete("run", "--w")).toEqual(["--workdir"]);
});

test("bash offers commands and files as the first word", () => {
  expect(complete("pu")).toEqual(["push", "pull"]);
  expect(complete("Dock")).toEqual(["Dockerfile"]);
});

test("bash offers the values of a flag that has a choice", () => {
  expect(complete("--progress", "p")).toEqual(["plain"]);
  expect(complete("--network", "")).toEqual(["default", "none", "host", "isolated", "pasta", "slirp4netns"]);
});

test("bash offers the stages of the Dockerfile for --target", () => {
  expect(complete("--target", "")).toEqual(["deps", "prod"]);
});
