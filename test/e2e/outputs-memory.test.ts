// The memory of outputs does not grow with the size of layers.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";

const workspace = new Workspace();
afterAll(() => workspace.remove());

const LIMIT_KB = 200 * 1024;

test("layers of 220 MB, squashed and dated anew, goes to every output in less than 200 MB of memory", async () => {
  const context = workspace.files("context", {
    Dockerfile:
      "FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=110\nRUN dd if=/dev/zero of=/also bs=1M count=110\n",
  });
  const at = (name: string) => join(workspace.path, name);
  const outputs = [
    "type=image",
    `type=oci,dest=${at("gzip.tar")},rewrite-timestamp=true`,
    `type=oci,dest=${at("zstd.tar")},compression=zstd`,
    `type=oci,dest=${at("estargz.tar")},compression=estargz,force-compression=true`,
    `type=docker,dest=${at("docker.tar")}`,
    `type=tar,dest=${at("root.tar")}`,
    at("files"),
  ].flatMap((output) => ["-o", output]);
  const env = { SOURCE_DATE_EPOCH: "1" };
  const base = await baseImageFlags("busybox");
  const running = workspace.start(["build", "-q", "--squash", ...base, ...outputs, context], { env });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, peakOf(running.child.pid!))), 20);
  const { code, stderr } = await running.result;
  clearInterval(watch);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(peak).toBeGreaterThan(10_000);
  expect(peak).toBeLessThan(LIMIT_KB);
});

/** In KiB; 0 when it has ended. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
