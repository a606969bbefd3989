// docs/formats.md is the specification of what tsbuild writes: its worked example is computed here again.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Execution } from "../executor/context.js";
import { cacheKey } from "../executor/key.js";
import { runInputs } from "../executor/ops/run.js";
import type { RunOp } from "../planner/index.js";

const text = readFileSync(new URL("../docs/formats.md", import.meta.url), "utf8");

test("docs/formats.md: the cache key of the worked example", () => {
  const [, json = ""] = /```json\n(\{"args".*\})\n```/.exec(text)!;
  const [, key] = /has the key `(k1:[^`]*)`/.exec(text)!;
  expect(cacheKey(JSON.parse(json))).toBe(key);
});

const OP: RunOp = {
  kind: "run",
  parent: 0,
  args: ["make"],
  env: [],
  proxyEnv: [],
  cwd: "/",
  user: "",
  network: "default",
  security: "sandbox",
  scripts: [],
  platform: { os: "linux", architecture: "amd64" },
  devices: [{ name: "vendor.com/class=one", required: true }],
  mounts: [{ type: "secret", id: "token", required: true, mode: 0o400, uid: 0, gid: 0 }],
};

const SETTINGS: Execution["settings"] = {
  addHosts: [{ name: "db", address: "10.0.0.1" }],
  hostname: "here",
  shmBytes: 1,
  ulimits: [{ resource: "nofile", soft: 1, hard: 1 }],
  capAdd: ["NET_ADMIN"],
  capDrop: ["MKNOD"],
  cgroupParent: "/a",
  noNewPrivileges: true,
  seccomp: "unconfined",
  dns: ["10.0.0.2"],
  limits: {},
  timeout: 1,
  retries: 1,
};

test("docs/formats.md: all that the key of a RUN has, with all that it can have (S-140, S-141)", () => {
  const [, row = ""] = /^\| RUN \| (.*) \|$/m.exec(text)!;
  const inputs = runInputs({ settings: SETTINGS }, OP, { snapshot: { layers: [] }, mounts: OP.mounts });
  const { settings = {} } = inputs as { readonly settings?: object };
  const named = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(named.toSorted()).toEqual([...Object.keys(inputs), ...Object.keys(settings)].toSorted());
});

test("cacheKey() does not depend on the order of fields, and on nothing that is absent", () => {
  expect(cacheKey({ b: [1, { d: 1, c: 2 }], a: "x" })).toBe(cacheKey({ a: "x", b: [1, { c: 2, d: 1 }], e: undefined }));
  expect(cacheKey({ a: ["x", "y"] })).not.toBe(cacheKey({ a: ["y", "x"] }));
});
