// A real registry on a free loopback port, for as long as `use` takes.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** @param {(host: string) => Promise<unknown>} use */
export async function withRegistry(directory, use) {
  const port = await freePort();
  mkdirSync(directory, { recursive: true });
  const config = join(directory, "registry.json"); // JSON is YAML
  const storage = { filesystem: { rootdirectory: join(directory, "registry") } };
  writeFileSync(
    config,
    JSON.stringify({ version: 0.1, log: { level: "error" }, storage, http: { addr: `127.0.0.1:${port}` } }),
  );
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  try {
    await answering(port);
    return await use(`localhost:${port}`);
  } finally {
    child.kill();
    await once(child, "exit");
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

async function answering(port) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined);
    if (response?.ok) return;
    await setTimeout(50);
  }
  throw new Error("docker-registry did not start");
}
