// RUN --mount=type=ssh: the socket that a step gets (S-139). What is behind it: test/ssh-agent.

import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepareAgent } from "../../../executor/mounts/ssh.js";

let directory: string;
let agent: Server;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsbuild-ssh-"));
  path = join(directory, "agent");
  agent = createServer().listen(path);
});
afterEach(() => {
  agent.close();
  rmSync(directory, { recursive: true, force: true });
});

const MOUNT = {
  type: "ssh",
  id: "default",
  target: "/run/agent",
  required: false,
  mode: 0o600,
  uid: 0,
  gid: 0,
} as const;
const execution = { secrets: { agent: (id: string) => (id === "default" ? [path] : undefined) } };
const prepare = (mount: object) => prepareAgent(execution as never, { ...MOUNT, ...mount }, directory, "ssh-0");

test("has the mode and owner asked for, and is gone afterwards; the agent's own stays as it is", async () => {
  const before = statSync(path);
  const { mounts, env, release } = await prepare({ mode: 0o660, uid: 7, gid: 8 });
  const { source } = mounts[0] as { source: string };
  const { mode, uid, gid } = statSync(source);
  expect(env).toEqual(["SSH_AUTH_SOCK=/run/agent"]);
  expect([mode & 0o7777, uid, gid]).toEqual([0o660, 7, 8]);
  expect(statSync(path)).toMatchObject({ mode: before.mode, uid: before.uid, gid: before.gid });
  release!();
  expect(existsSync(source)).toBe(false);
});

test("an agent that nobody passed is nothing, unless it is required", async () => {
  expect(await prepare({ id: "other" })).toEqual({ mounts: [], points: [] });
  await expect(prepare({ id: "other", required: true })).rejects.toMatchObject({ code: "secret_not_found" });
});
