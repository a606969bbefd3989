import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { expectEngines, findEngine } from "../../outputs/engine.js";

/** A PATH with these programs only. */
function machineWith(programs: Readonly<Record<string, string>>): void {
  const bin = mkdtempSync(join(tmpdir(), "tsbuild-bin-"));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  vi.stubEnv("PATH", bin);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(bin, { recursive: true });
  });
}

const SILENT = "echo 'Cannot connect to the Docker daemon' >&2; exit 1";

test("row 216: docker that answers comes first", async () => {
  machineWith({ docker: '[ "$1" = version ]', podman: "" });
  expect(await findEngine({})).toEqual({ program: "docker", args: [] });
});

test("row 216: podman loads where docker has no daemon, or is not there", async () => {
  machineWith({ docker: SILENT, podman: "" });
  expect(await findEngine({})).toMatchObject({ program: "podman" });
  machineWith({ podman: "" });
  expect(await findEngine({})).toMatchObject({ program: "podman" });
});

test("row 218: context= is docker's alone", async () => {
  machineWith({ docker: '[ "$1 $2 $3" = "--context far version" ]', podman: "" });
  expect(await findEngine({ context: "far" })).toEqual({ program: "docker", args: ["--context", "far"] });
  machineWith({ docker: SILENT, podman: "" });
  await expect(findEngine({ context: "far" })).rejects.toMatchObject({
    message: "docker load failed: Cannot connect to the Docker daemon",
    hint: 'Look whether "docker --context far info" works, or write an archive: -o type=docker,dest=FILE.',
  });
  machineWith({ podman: "" });
  await expect(findEngine({ context: "far" })).rejects.toThrow("found no docker, which loads the image");
});

test("what is missing is told before anything is built, for outputs that load", async () => {
  machineWith({});
  await expectEngines([{ type: "image" }, { type: "docker", dest: "a.tar" }]);
  await expect(expectEngines([{ type: "docker" }])).rejects.toMatchObject({
    code: "output_failed",
    message: "found neither docker nor podman, one of which loads the image",
  });
});
