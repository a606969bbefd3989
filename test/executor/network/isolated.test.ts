import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openIsolatedNetwork } from "../../../executor/network/index.js";

test("openIsolatedNetwork() takes no program of a relative entry of PATH: whoever owns the current directory could plant one", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-network-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "slirp4netns"), "#!/bin/sh\n", { mode: 0o755 });
  const path = relative(process.cwd(), directory);
  await expect(openIsolatedNetwork({ directory, path })).rejects.toMatchObject({
    code: "sandbox_unavailable",
    message: "an isolated network needs slirp4netns or pasta, and neither is there",
  });
});
