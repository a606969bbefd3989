// RUN --mount=type=ssh: the socket that a step gets, and what is behind it (S-139).

import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
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
  agent = createServer((socket) => socket.on("data", (data) => socket.write(`agent: ${data.toString()}`))).listen(path);
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
const execution = {
  secrets: { socket: (id: string) => (id === "default" ? path : undefined), value: () => undefined, all: () => [] },
};
const prepare = (mount: object = {}, into = directory) =>
  prepareAgent(execution as never, { ...MOUNT, ...mount }, into, "ssh-0");

/** What comes back for `text`; undefined when the connection ends without an answer. */
function ask(socketPath: string, text: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const end = () => resolve(undefined);
    const socket = connect(socketPath).on("error", end).on("close", end);
    socket.on("data", (data) => (resolve(data.toString()), socket.destroy())).write(text);
  });
}

test("the agent answers through the step's socket, which has the mode and owner asked for", async () => {
  const { mounts, env, release } = await prepare({ mode: 0o660, uid: 7, gid: 8 });
  const [mount] = mounts;
  const source = (mount as { source: string }).source;
  expect(env).toEqual(["SSH_AUTH_SOCK=/run/agent"]);
  const { mode, uid, gid } = statSync(source);
  expect([mode & 0o7777, uid, gid]).toEqual([0o660, 7, 8]);
  expect(await ask(source, "keys?")).toBe("agent: keys?");
  expect(statSync(path).uid).not.toBe(7);
  release!();
  expect(existsSync(source)).toBe(false);
});

test("several connections, and a directory whose path is too long for a socket", async () => {
  const long = join(directory, "d".repeat(120));
  mkdirSync(long);
  const { mounts, release } = await prepare({}, long);
  const fd = openSync(long, "r");
  const source = `/proc/self/fd/${fd}/ssh-0`;
  expect((mounts[0] as { source: string }).source).toBe(join(long, "ssh-0"));
  expect(await Promise.all(["a", "b", "c"].map((text) => ask(source, text)))).toEqual([
    "agent: a",
    "agent: b",
    "agent: c",
  ]);
  closeSync(fd);
  release!();
});

test("an agent that is gone ends the connection", async () => {
  const { mounts, release } = await prepare();
  agent.close();
  rmSync(path, { force: true });
  expect(await ask((mounts[0] as { source: string }).source, "keys?")).toBeUndefined();
  release!();
});

test("an agent that nobody passed is nothing, unless it is required", async () => {
  expect(await prepare({ id: "other" })).toEqual({ mounts: [], points: [] });
  await expect(prepare({ id: "other", required: true })).rejects.toMatchObject({ code: "secret_not_found" });
});
