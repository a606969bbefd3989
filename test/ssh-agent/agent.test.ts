// The agent that serves keys of files, and the one that forwards, as ssh-add and ssh-keygen see them.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAgent } from "../../ssh-agent/index.js";
import { parsePrivateKey } from "../../ssh-agent/private-key.js";
import { MessageReader, wireString } from "../../ssh-agent/wire.js";
import { until } from "../helpers/processes.js";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "tsbuild-agent-"));
const at = (name: string): string => join(directory, name);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const KEYS: readonly (readonly [name: string, ...options: string[]])[] = [
  ["ed25519", "-t", "ed25519"],
  ["rsa", "-t", "rsa", "-b", "2048"],
  ["rsa-pem", "-t", "rsa", "-b", "2048", "-m", "PEM"],
  ["ecdsa-256", "-t", "ecdsa", "-b", "256"],
  ["ecdsa-384", "-t", "ecdsa", "-b", "384"],
  ["ecdsa-521", "-t", "ecdsa", "-b", "521"],
  ["ecdsa-pem", "-t", "ecdsa", "-b", "256", "-m", "PKCS8"],
];

beforeAll(async () => {
  await Promise.all(
    KEYS.map(([name, ...options]) => run("ssh-keygen", ["-q", "-N", "", "-C", name, "-f", at(name), ...options])),
  );
  await run("ssh-keygen", ["-q", "-N", "secret", "-t", "ed25519", "-f", at("locked")]);
});

async function withAgent<Value>(
  sources: readonly string[],
  work: (env: NodeJS.ProcessEnv, path: string) => Promise<Value>,
): Promise<Value> {
  const agent = await openAgent(directory, "socket", sources);
  try {
    return await work({ ...process.env, SSH_AUTH_SOCK: agent.path }, agent.path);
  } finally {
    agent.close();
    expect(existsSync(agent.path)).toBe(false);
  }
}

const publicKey = (name: string) =>
  readFileSync(at(`${name}.pub`), "utf8")
    .split(" ")
    .slice(0, 2)
    .join(" ");

/** Signs by the agent, and lets ssh-keygen verify. */
async function signAndVerify(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  writeFileSync(at("text"), "text");
  rmSync(at("text.sig"), { force: true });
  await run("ssh-keygen", ["-Y", "sign", "-n", "file", "-f", at(`${name}.pub`), at("text")], { env });
  const { stdout } = await run("sh", [
    "-c",
    `ssh-keygen -Y check-novalidate -n file -s '${at("text.sig")}' < '${at("text")}'`,
  ]);
  return stdout;
}

describe("keys of files", () => {
  test.each(KEYS.map(([name]) => name))("%s is listed, and signs", async (name) => {
    await withAgent([at(name)], async (env) => {
      expect((await run("ssh-add", ["-L"], { env })).stdout).toBe(`${publicKey(name)} ${name}\n`);
      expect(await signAndVerify(name, env)).toContain('Good "file" signature');
    });
  });

  test("several are served together, and none can be added or removed", async () => {
    await withAgent([at("ed25519"), at("rsa")], async (env) => {
      expect((await run("ssh-add", ["-L"], { env })).stdout.trim().split("\n")).toHaveLength(2);
      await expect(run("ssh-add", [at("ecdsa-256")], { env })).rejects.toThrow(/refused|Could not add/);
      await expect(run("ssh-add", ["-D"], { env })).rejects.toThrow(/Failed to remove|agent refused/);
    });
  });

  test("with a passphrase are refused", async () => {
    await expect(openAgent(directory, "socket", [at("locked")])).rejects.toMatchObject({
      code: "bad_value",
      message: 'the ssh key "locked" cannot be used: it has a passphrase',
    });
  });

  test("that are none are refused, also damaged ones", () => {
    expect(() => parsePrivateKey("hello", "x")).toThrow('the ssh key "x" cannot be used: it is no private key');
    const text = readFileSync(at("ed25519"), "utf8");
    for (let line = 1; line < 5; line++) {
      const damaged = text.split("\n").toSpliced(line, 1).join("\n");
      expect(() => parsePrivateKey(damaged, "x")).toThrow("cannot be used");
    }
  });

  test("that are not there are refused", async () => {
    await expect(openAgent(directory, "socket", [at("absent")])).rejects.toMatchObject({ code: "secret_not_found" });
  });
});

describe("an agent's socket", () => {
  let agent: ChildProcess;
  beforeAll(async () => {
    agent = spawn("ssh-agent", ["-D", "-a", at("own")], { stdio: "ignore" });
    await until(() => existsSync(at("own")));
    await run("ssh-add", ["-q", at("ed25519")], { env: { ...process.env, SSH_AUTH_SOCK: at("own") } });
  });
  afterAll(() => void agent.kill());

  test("lists and signs, but takes no other request", async () => {
    await withAgent([at("own")], async (env) => {
      expect((await run("ssh-add", ["-L"], { env })).stdout).toBe(`${publicKey("ed25519")} ed25519\n`);
      expect(await signAndVerify("ed25519", env)).toContain("Good");
      await expect(run("ssh-add", [at("rsa")], { env })).rejects.toThrow();
      await expect(run("ssh-add", ["-D"], { env })).rejects.toThrow();
      expect((await run("ssh-add", ["-L"], { env })).stdout).toContain("ed25519");
    });
  });

  test("and keys cannot have one id", async () => {
    await expect(openAgent(directory, "socket", [at("own"), at("rsa")])).rejects.toMatchObject({ code: "bad_value" });
  });
});

test.each([
  ["zeros", Buffer.alloc(64)],
  ["a message without end", Buffer.from([255, 255, 255, 255, 13])],
  ["a request that is cut off", wireString(Buffer.from([13, 0, 0]))],
])("%s end the connection, and the agent lives", async (_, bytes) => {
  await withAgent([at("ed25519")], async (env, path) => {
    const client = connect(path);
    client.write(bytes);
    await new Promise((resolve) => client.on("close", resolve));
    expect((await run("ssh-add", ["-L"], { env })).stdout).toContain("ed25519");
  });
});

test("MessageReader gives messages however they are cut", () => {
  const bytes = Buffer.concat([wireString("one"), wireString("two")]);
  const reader = new MessageReader();
  const found = [...bytes].flatMap((byte) => reader.read(Buffer.of(byte)));
  expect(found.map(String)).toEqual(["one", "two"]);
});
