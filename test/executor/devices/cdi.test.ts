// Devices as CDI specifications describe them, in JSON and in YAML.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { prepareDevices } from "../../../executor/devices/index.js";

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "tsbuild-cdi-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const YAML = `
# as nvidia-ctk writes it
cdiVersion: "0.6.0"
kind: vendor.com/gpu
devices:
  - name: "0"
    containerEdits:
      deviceNodes:
        - path: /dev/gpu0
          hostPath: /dev/zero
      additionalGids: [44]
containerEdits:
  env: [GPU=yes]
  hooks:
    - hookName: createContainer
      path: /usr/bin/true
      args: ["true", 'a: "b"']
      timeout: 5
`;

const prepare = (name: string) => prepareDevices([{ name, required: true }], [directory]);

describe("prepareDevices()", () => {
  test("reads YAML: nodes, variables, groups and hooks (features row 150)", async () => {
    writeFileSync(join(directory, "vendor.yaml"), YAML);
    expect(await prepare("vendor.com/gpu=0")).toEqual({
      mounts: [{ type: "bind", source: "/dev/zero", target: "/dev/gpu0", readonly: false, device: true }],
      points: [],
      env: ["GPU=yes"],
      groups: [44],
      hooks: [{ hookName: "createContainer", path: "/usr/bin/true", args: ["true", 'a: "b"'], timeout: 5 }],
    });
  });

  test("takes the same from JSON, and a later directory's over an earlier one's", async () => {
    const later = join(directory, "later");
    mkdirSync(later);
    const spec = (value: string) =>
      JSON.stringify({ kind: "a.org/b", devices: [{ name: "c", containerEdits: { env: [value] } }] });
    writeFileSync(join(directory, "a.json"), spec("X=1"));
    writeFileSync(join(later, "b.json"), spec("X=2"));
    const { env } = await prepareDevices([{ name: "a.org/b=c", required: true }], [directory, later]);
    expect(env).toEqual(["X=2"]);
  });

  test.each([
    ["a.yaml", "kind: [", /the device specification ".*a\.yaml" cannot be read: /],
    ["a.json", "{", /the device specification ".*a\.json" cannot be read: /],
    ["a.yml", "devices: []", /cannot be read: Invalid key: Expected "kind" but received undefined/],
    ["a.yaml", YAML.replace("createContainer", "afterwards"), /cannot be read: Invalid type: Expected /],
  ])("refuses %s with %j", async (name, text, message) => {
    writeFileSync(join(directory, name), text);
    await expect(prepare("vendor.com/gpu=0")).rejects.toMatchObject({
      code: "bad_value",
      message: expect.stringMatching(message),
    });
  });

  test("refuses what a sandbox cannot give, by name", async () => {
    writeFileSync(join(directory, "v.yaml"), YAML.replace("additionalGids: [44]", "intelRdt: { closID: x }"));
    await expect(prepare("vendor.com/gpu=0")).rejects.toMatchObject({
      code: "unsupported",
      message: "intelRdt of a device is not supported",
    });
  });

  test("says which devices there are", async () => {
    writeFileSync(join(directory, "v.yaml"), YAML);
    await expect(prepare("vendor.com/gpu=1")).rejects.toMatchObject({
      message: 'this machine has no device "vendor.com/gpu=1"',
      hint: "Use one of vendor.com/gpu=0.",
    });
  });
});
