// RUN --device with a specification in YAML, on every runtime (features row 150).

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workspace } from "../../helpers/cli.js";
import { baseImageFlags } from "../../helpers/images.js";

const workspace = new Workspace();
const specification = `/var/run/cdi/tsbuild-devices-${process.pid}.yaml`;
const witness = join(workspace.path, "hook-ran");
const kind = `example.org/hooked-${process.pid}`;

const YAML = `
kind: ${kind}
devices:
  - name: plain
    containerEdits:
      deviceNodes: [{ path: /dev/nothing, hostPath: /dev/null }]
      additionalGids: [1234]
  - name: hooked
    containerEdits:
      hooks:
        - { hookName: createRuntime, path: /bin/sh, args: [sh, -c, "cat >/dev/null; echo ran >${witness}"], env: [PATH=/usr/bin:/bin] }
`;

let base: string[];
beforeAll(async () => {
  mkdirSync("/var/run/cdi", { recursive: true });
  writeFileSync(specification, YAML);
  base = await baseImageFlags("busybox");
});
afterAll(() => {
  rmSync(specification, { force: true });
  workspace.remove();
});

function build(device: string, line: string, runtime?: string) {
  const context = workspace.files("context", { Dockerfile: `FROM busybox\nRUN --device=${kind}=${device} ${line}\n` });
  const flags = ["--progress=plain", "--no-cache", "--allow=device", ...(runtime ? [`--oci-runtime=${runtime}`] : [])];
  return workspace.run(["build", ...flags, ...base, context]);
}

test.each(["built-in", "crun", "runc"])("a node and a group on %s", async (runtime) => {
  const { code, stderr } = await build("plain", "echo lost >/dev/nothing && id -G", runtime);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/ 0 1234\n/);
});

test.each(["crun", "runc", undefined])("a hook on %s", async (runtime) => {
  rmSync(witness, { force: true });
  const { code, stderr } = await build("hooked", "true", runtime);
  expect(code, stderr).toBe(0);
  expect(readFileSync(witness, "utf8")).toBe("ran\n");
});

test("a hook on the built-in runtime, where it was asked for, is refused by name", async () => {
  const { code, stderr } = await build("hooked", "true", "built-in");
  expect(code).toBe(1);
  expect(stderr).toContain("a device of this step has hooks, which the built-in runtime does not run");
  expect(stderr).toContain("hint: Run the steps with --oci-runtime=crun or --oci-runtime=runc.");
});
