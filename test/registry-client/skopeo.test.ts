// What another client makes of our pushes, and we of its own: skopeo is the oracle.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyImage } from "../../oci/index.js";
import { loadKeychain, RegistryClient } from "../../registry-client/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { type Registry, startRegistry, USER } from "../helpers/registry.js";
import { putImage, putIndex } from "../helpers/sample-image.js";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "tsbuild-skopeo-"));
const authFile = join(directory, "auth.json");
const insecure = ["--src-tls-verify=false", "--dest-tls-verify=false", "--authfile", authFile];
const client = new RegistryClient({
  environment: {},
  keychain: loadKeychain({ HOME: directory, REGISTRY_AUTH_FILE: authFile }),
});
let registry: Registry;

beforeAll(async () => void (registry = await startRegistry({ auth: "password" })));
afterAll(async () => {
  client.close();
  await registry.stop();
  rmSync(directory, { recursive: true });
});

test("an index goes out by us, through skopeo's hands, and back to us, with skopeo's login", async () => {
  const { username, password } = USER;
  const login = ["login", "--tls-verify=false", "--authfile", authFile, "-u", username, "-p", password, registry.host];
  await run("skopeo", login);
  const [source, target] = [new MemoryStore(), new MemoryStore()];
  const platforms = [
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ];
  const images = await Promise.all(
    platforms.map(async (platform) => ({ ...(await putImage(source, [randomBytes(9000)], platform)), platform })),
  );
  const root = await putIndex(source, images);

  await copyImage(root, source, client.repository({ registry: registry.host, repository: "ours" }), { tag: "1" });
  await run("skopeo", [
    "copy",
    "--all",
    "--preserve-digests",
    ...insecure,
    `docker://${registry.host}/ours:1`,
    `docker://${registry.host}/theirs:2`,
  ]);

  const theirs = client.repository({ registry: registry.host, repository: "theirs" });
  expect(await theirs.resolve("2")).toEqual(root);
  await copyImage(root, theirs, target);
  expect([...target.blobs.keys()].sort()).toEqual([...source.blobs.keys()].sort());
});
