// The root of `tsbuild run`: read-only, with folders in memory; and the name of its machine (row 335).

import { afterAll, beforeAll, expect, test } from "vitest";
import { Workspace } from "../../helpers/cli.js";
import { baseImageFlags } from "../../helpers/images.js";

const workspace = new Workspace();
beforeAll(async () => {
  const context = workspace.files("context", { Dockerfile: "FROM busybox\nRUN mkdir -p /data /run\n" });
  await workspace.expectSuccess(["-t", "box:1", ...(await baseImageFlags("busybox")), context]);
});
afterAll(() => workspace.remove());

const SCRIPT = `touch /new 2>/dev/null && echo wrote /new
touch /data/new 2>/dev/null && echo wrote /data
touch /run/new && echo wrote /run; stat -c %a /run
echo x >/dev/null && touch /dev/shm/new && echo wrote /dev
hostname`;

test.each(["built-in", "crun", "runc"])("--read-only, --tmpfs and --hostname with %s", async (runtime) => {
  const flags = ["--oci-runtime", runtime, "--tmpfs", "/run:size=1m,mode=1770", "--hostname", "box"];
  const run = (...more: string[]) => workspace.expectSuccess(["run", ...flags, ...more, "box:1", "sh", "-c", SCRIPT]);
  expect((await run("--read-only")).stdout).toBe("wrote /run\n1770\nwrote /dev\nbox\n");
  expect((await run()).stdout).toBe("wrote /new\nwrote /data\nwrote /run\n1770\nwrote /dev\nbox\n");
});
