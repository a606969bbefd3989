import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { copyImage, MediaType, readBlob } from "../../oci/index.js";
import { type Credentials, type Keychain, loadKeychain, RegistryClient } from "../../registry-client/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { makeCertificates, type Registry, startRegistry, USER } from "../helpers/registry.js";
import { putBytes, putImage } from "../helpers/sample-image.js";
import { reply, startServer } from "../helpers/scripted-server.js";
import { startTokenServer, type TokenServer } from "../helpers/token-server.js";

const keychain = (credentials?: Credentials): Keychain => ({ credentials: async () => credentials });
const clients: RegistryClient[] = [];

function connect(credentials?: Credentials): RegistryClient {
  const client = new RegistryClient({
    environment: {},
    keychain: keychain(credentials),
    retry: { delay: 1, attempts: 2 },
  });
  clients.push(client);
  return client;
}

afterAll(() => clients.forEach((client) => client.close()));

describe("a registry with passwords", () => {
  let registry: Registry;
  beforeAll(async () => void (registry = await startRegistry({ auth: "password" })));
  afterAll(() => registry.stop());
  const repository = (credentials?: Credentials) =>
    connect(credentials).repository({ registry: registry.host, repository: "team/app" });

  test("takes an image from its user", async () => {
    const source = new MemoryStore();
    const image = await putImage(source, ["a", randomBytes(200_000)]);
    const place = repository(USER);
    await copyImage(image, source, place, { tag: "1" });
    expect(await place.resolve("1")).toEqual(image);
  });

  test("refuses a wrong password, in words without the password", async () => {
    const failure: Error = await repository({ username: "tester", password: "hunter2" })
      .resolve("1")
      .catch((error) => error);
    expect(failure).toMatchObject({
      name: "RegistryError",
      code: "unauthorized",
      status: 401,
      hint: "Check the user and the password; many registries want a token in place of it.",
    });
    expect(failure.message).toBe(
      `${registry.host} does not accept the user "tester" and the password given: ${registry.host} answered 401 to HEAD http://${registry.host}/v2/team/app/manifests/1`,
    );
    expect(JSON.stringify(failure) + failure.stack).not.toContain("hunter2");
  });

  test("refuses the anonymous, and says what it said", async () => {
    await expect(
      readBlob(repository(), { mediaType: MediaType.config, digest: `sha256:${"0".repeat(64)}`, size: 1 }),
    ).rejects.toMatchObject({
      code: "unauthorized",
      codes: ["UNAUTHORIZED"],
      message: expect.stringContaining("UNAUTHORIZED: authentication required"),
      hint: `Check the name, or log in: tsbuild login ${registry.host}.`,
    });
  });

  test("names the file that a refused password is from", async () => {
    const directory = mkdtempSync(join(tmpdir(), "tsbuild-auth-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, "auth.json");
    const auth = Buffer.from("tester:hunter2").toString("base64");
    writeFileSync(file, JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const client = new RegistryClient({ keychain: loadKeychain({}, file) });
    await expect(client.repository({ registry: registry.host, repository: "app" }).resolve("1")).rejects.toMatchObject({
      message: expect.stringContaining(`does not accept the user "tester" and the password of ${file}: `),
      hint: `Log in again: tsbuild login ${registry.host}.`,
    });
    client.close();
  });

  test("whether one may push is told without a push", async () => {
    await repository(USER).tryPush();
    await expect(repository().tryPush()).rejects.toMatchObject({ code: "unauthorized", status: 401 });
  });
});

describe("a registry with tokens", () => {
  const certificates = makeCertificates();
  const identityToken = "refresh me";
  let tokens: TokenServer;
  let registry: Registry;
  beforeAll(async () => {
    tokens = await startTokenServer({ certificates, ...USER, identityToken });
    registry = await startRegistry({ auth: { ...tokens, certificate: certificates.ca } });
  });
  afterAll(async () => {
    await registry.stop();
    await tokens.stop();
    certificates.remove();
  });
  const repository = (credentials?: Credentials, name = "team/app") =>
    connect(credentials).repository({ registry: registry.host, repository: name });

  test.each<[string, Credentials, string]>([
    ["a password", USER, "GET"],
    ["an identity token", { identityToken }, "POST"],
  ])("S-201: with %s, one token that may push does for a whole image", async (_with, credentials, method) => {
    const source = new MemoryStore();
    const image = await putImage(source, [randomBytes(10), randomBytes(10), randomBytes(300_000)]);
    tokens.asked.length = 0;
    const place = repository(credentials);
    await copyImage(image, source, place, { tag: "1" });
    expect(await place.resolve("1")).toEqual(image);
    expect(tokens.asked).toEqual([
      `${method} tester repository:team/app:pull`,
      `${method} tester repository:team/app:pull,push`,
    ]);
  });

  test("the anonymous may read, and not write", async () => {
    const source = new MemoryStore();
    const image = await putImage(source, [randomBytes(10)]);
    await copyImage(image, source, repository(USER), { tag: "public" });
    const anonymous = repository();
    expect(await anonymous.resolve("public")).toEqual(image);
    await expect(anonymous.putManifest(image, await readBlob(source, image), "mine")).rejects.toMatchObject({
      code: "unauthorized",
      status: 401,
      codes: ["UNAUTHORIZED"],
      hint: `Check the name, or log in: tsbuild login ${registry.host}.`,
    });
    await expect(repository().tryPush()).rejects.toMatchObject({ code: "unauthorized" });
  });

  test("a wrong password is the token server's word", async () => {
    await expect(repository({ username: "tester", password: "hunter2" }).resolve("1")).rejects.toMatchObject({
      code: "unauthorized",
      message: expect.stringContaining("answered 401 to GET http://127.0.0.1"),
      codes: ["UNAUTHORIZED"],
    });
  });

  test("S-201: mount asks for leave to read the other repository, and moves no byte", async () => {
    const client = connect(USER);
    const [from, to] = ["base/image", "team/new"].map((name) =>
      client.repository({ registry: registry.host, repository: name }),
    ) as [ReturnType<RegistryClient["repository"]>, ReturnType<RegistryClient["repository"]>];
    const blob = await putBytes(from, randomBytes(1000));
    tokens.asked.length = 0;
    expect(await to.mount(blob, "base/image")).toBe(true);
    expect(await to.has(blob)).toBe(true);
    expect(tokens.asked[0]).toBe("GET tester repository:team/new:pull,push repository:base/image:pull");
  });

  test("S-203: a blob that cannot be mounted is uploaded in the session that was opened", async () => {
    const place = repository(USER, "team/other");
    const source = new MemoryStore();
    const blob = await putBytes(source, randomBytes(1000));
    expect(await place.mount(blob, "base/image")).toBe(false);
    await place.put(blob, await source.open(blob));
    expect(await place.has(blob)).toBe(true);
  });
});

describe("a credential helper", () => {
  const folder = mkdtempSync(join(tmpdir(), "tsbuild-helper-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  /** Answers with what is in the file `secret`, and counts in `asked`. */
  const script = `#!/bin/sh
echo x >> ${folder}/asked
echo '{"ServerURL":"x","Username":"me","Secret":"'$(cat ${folder}/secret)'"}'
`;
  const secret = (text: string) => writeFileSync(join(folder, "secret"), text);
  const asked = () => readFileSync(join(folder, "asked"), "utf8").length / 2;

  test("is asked once for a registry, and again when its answer is not taken any more", async () => {
    writeFileSync(join(folder, "docker-credential-counting"), script, { mode: 0o755 });
    writeFileSync(join(folder, "config.json"), JSON.stringify({ credsStore: "counting" }));
    let wanted = "one";
    const server = await startServer((request, response) => {
      const isKnown = request.headers.authorization === `Basic ${btoa(`me:${wanted}`)}`;
      return reply(isKnown ? 200 : 401, { "www-authenticate": 'Basic realm="x"' })(request, response);
    });
    onTestFinished(() => server.stop());
    const environment = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env.PATH}` };
    const place = () => {
      const client = new RegistryClient({ environment, retry: { attempts: 1 } });
      clients.push(client);
      return client.repository({ registry: server.host, repository: "app" });
    };
    const has = (to = place()) => to.has({ mediaType: MediaType.config, digest: `sha256:${"0".repeat(64)}`, size: 1 });
    secret("one");
    const first = place();
    expect([await has(first), await has(), asked()]).toEqual([true, true, 1]);
    secret((wanted = "two"));
    expect(await Promise.all([has(first), has(), has()])).toEqual([true, true, true]);
    expect(asked()).toBeLessThanOrEqual(4);
    wanted = "three";
    await expect(has()).rejects.toMatchObject({ code: "unauthorized", status: 401 });
    secret("three");
    expect(await has()).toBe(true);
  });
});
