// The base images themselves: what every end-to-end test stands on has to be right.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type BaseImage, baseImage } from "../helpers/images.js";
import { runBundle, skopeoInspect, umociUnpack } from "../helpers/other-tools.js";
import { scanTree } from "../helpers/scan-tree.js";
import { validateLayout } from "../helpers/validate-image.js";

const scratch = mkdtempSync(join(tmpdir(), "tsbuild-base-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const MADE_BY_PACKAGES = 300_000;

test.each<[BaseImage, string, string]>([
  ["busybox", "busybox | head -1", "BusyBox"],
  ["debian", "apt-get --version", "apt "],
  ["node", "node --version && npm --version", "v"],
  ["python", "python3 -m venv /tmp/v && /tmp/v/bin/python --version", "Python 3"],
  ["gcc", "cc --version", "cc (Debian"],
])(
  "base image %s is a valid image that runs",
  async (name, command, output) => {
    const layout = await baseImage(name);
    const { descriptor } = validateLayout(layout);
    expect(skopeoInspect(`oci:${layout}:latest`).Digest).toBe(descriptor.digest);
    const bundle = join(scratch, name);
    umociUnpack(layout, "latest", bundle);
    const { code, stdout, stderr } = runBundle("crun", bundle, ["sh", "-c", command]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(output);
  },
  MADE_BY_PACKAGES,
);

test("scanTree tells the type, mode, owner and content of every file", async () => {
  const root = umociUnpack(await baseImage("busybox"), "latest", join(scratch, "scanned"));
  expect(scanTree(root)).toEqual(
    expect.arrayContaining([
      "tmp: directory 1777 0:0",
      expect.stringMatching(/^etc\/passwd: file 644 0:0 sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^bin\/sh: file 755 0:0 sha256:/),
    ]),
  );
});
