// Flags of steps that have a grammar of their own (features rows 137, 144, 146, 150, 156, 158).

import { resolve } from "node:path";
import { expect, test } from "vitest";
import { parseDevice } from "../../../cli/flags/device-spec.js";
import { parseMount, parseVolume } from "../../../cli/flags/mount-spec.js";
import { parseNetwork } from "../../../cli/flags/network-spec.js";
import { parseSecurity } from "../../../cli/flags/security-spec.js";

test.each(["vendor.com/class=one", "vendor.com/class=*", "/dev/fuse", "/dev/fuse:/dev/other", "/dev/fuse:rw"])(
  "--device %s",
  (text) => {
    expect(parseDevice(text)).toEqual({ name: text, required: true });
  },
);

test.each(["fuse", "", "/dev/fuse:other", "/dev/fuse:/dev/other:x"])("--device %s is refused", (text) => {
  expect(() => parseDevice(text)).toThrow('for "--device" flag: expected a device');
});

test.each([
  ["none", { network: "none", settings: {} }],
  ["isolated", { network: "isolated", settings: {} }],
  ["pasta", { network: "isolated", settings: { networkProgram: "pasta" } }],
  ["ns:/proc/self/ns/net", { network: "default", settings: { networkNamespace: "/proc/self/ns/net" } }],
])("--network %s", (text, expected) => {
  expect(parseNetwork(text)).toEqual(expected);
});

test.each(["bridge", "ns:", "ns:relative", "ns:/no/such", "container:x"])("--network %s is refused", (text) => {
  expect(() => parseNetwork(text)).toThrow("--network");
});

test("--security-opt says what changes, and refuses the rest by name", () => {
  expect(parseSecurity(["no-new-privileges", "label=disable"])).toEqual({ noNewPrivileges: true });
  expect(parseSecurity(["seccomp=unconfined"])).toEqual({ seccomp: "unconfined" });
  expect(parseSecurity(["seccomp=package.json"])).toEqual({ seccomp: { profile: resolve("package.json") } });
  expect(() => parseSecurity(["seccomp=own.json"])).toThrow("there is no such file");
  expect(() => parseSecurity(["label=type:x"])).toThrow("is not supported");
});

test("a tmpfs is told its size and mode as Buildah spells them", () => {
  expect(parseMount("type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1777")).toEqual({
    type: "tmpfs",
    target: "/t",
    size: 1048576,
    mode: 0o1777,
  });
});

test("a volume may say z where there is nothing to label, and not U", () => {
  expect(parseVolume("/a:/b:ro,z")).toMatchObject({ source: "/a", target: "/b", readonly: true });
  expect(() => parseVolume("/a:/b:U")).toThrow('the option "U" is not supported');
});
