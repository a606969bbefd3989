import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyImage, sha256 } from "../../oci/index.js";
import { RegistryClient, type RegistryClientOptions } from "../../registry-client/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { makeCertificates, type Registry, startRegistry } from "../helpers/registry.js";
import { describeBytes, putImage } from "../helpers/sample-image.js";
import { reply, type ScriptedServer, startServer } from "../helpers/scripted-server.js";

const certificates = makeCertificates();
const folders = mkdtempSync(join(tmpdir(), "tsbuild-certs.d-"));
afterAll(() => {
  certificates.remove();
  rmSync(folders, { recursive: true });
});

/** Uses a client, and closes it. */
async function withClient<T>(options: RegistryClientOptions, use: (client: RegistryClient) => Promise<T>): Promise<T> {
  const client = new RegistryClient({
    environment: {},
    certificateDirectories: [],
    keychain: { credentials: async () => undefined },
    retry: { delay: 1 },
    ...options,
  });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

describe("a registry over https", () => {
  let registry: Registry;
  beforeAll(async () => void (registry = await startRegistry({ tls: certificates })));
  afterAll(() => registry.stop());
  const resolve = (client: RegistryClient) =>
    client.repository({ registry: registry.host, repository: "app" }).resolve("none");

  test.each(["SSL_CERT_FILE", "TSBUILD_EXTRA_CA_CERTS", "NODE_EXTRA_CA_CERTS"])(
    "is trusted by the authority in %s, and takes an image",
    async (variable) => {
      await withClient({ environment: { [variable]: certificates.ca } }, async (client) => {
        const source = new MemoryStore();
        const image = await putImage(source, [randomBytes(100_000)]);
        const place = client.repository({ registry: registry.host, repository: variable.toLowerCase() });
        await copyImage(image, source, place, { tag: "1" });
        expect(await place.resolve("1")).toEqual(image);
      });
    },
  );

  test("is trusted by the authority in its folder", async () => {
    mkdirSync(join(folders, registry.host));
    copyFileSync(certificates.ca, join(folders, registry.host, "ca.crt"));
    expect(await withClient({ certificateDirectories: [folders] }, resolve)).toBeUndefined();
  });

  test("a file of certificates that is not there, or has none, is named (SSL_CERT_FILE, --cert-dir)", async () => {
    const garbage = mkdtempSync(join(folders, "garbage-"));
    writeFileSync(join(garbage, "x.crt"), "garbage");
    const cases: [RegistryClientOptions, string][] = [
      [{ environment: { SSL_CERT_FILE: "/nonexist" } }, 'SSL_CERT_FILE: cannot read "/nonexist": ENOENT'],
      [
        { environment: { SSL_CERT_FILE: join(garbage, "x.crt") } },
        `SSL_CERT_FILE: expected a certificate in PEM in "${garbage}/x.crt", found something else`,
      ],
      [{ certificateDirectory: garbage }, `expected a certificate in PEM in "${garbage}/x.crt", found something else`],
    ];
    for (const [options, message] of cases)
      await expect(withClient(options, resolve)).rejects.toMatchObject({ code: "bad_value", message });
    const blob = { mediaType: "x", digest: sha256("x"), size: 1 };
    const open = (client: RegistryClient) => client.repository({ registry: registry.host, repository: "a" }).open(blob);
    await expect(withClient(cases[0]![0], open)).rejects.toMatchObject({ message: cases[0]![1] });
  });

  test("is not trusted otherwise, and not asked over http either", async () => {
    await expect(withClient({}, resolve)).rejects.toMatchObject({
      code: "registry_unreachable",
      message: `cannot reach ${registry.host}: its certificate is signed by an authority that this machine does not trust`,
      hint: `Put the authority's certificate in /etc/docker/certs.d/${registry.host}/ca.crt, or name its file in SSL_CERT_FILE.`,
    });
  });

  test("needs no trusted certificate when it is declared insecure", async () => {
    expect(await withClient({ insecure: [registry.host] }, resolve)).toBeUndefined();
  });

  test("a certificate for another host is refused", async () => {
    const host = registry.host.replace("localhost", "127.0.0.2");
    await expect(
      withClient({ environment: { SSL_CERT_FILE: certificates.ca } }, (client) =>
        client.repository({ registry: host, repository: "app" }).resolve("1"),
      ),
    ).rejects.toMatchObject({
      code: "registry_unreachable",
    });
  });
});

test("a client certificate is shown to a registry that asks for one", async () => {
  const registry = await startRegistry({ tls: certificates, clientCertificate: true });
  try {
    const environment = { SSL_CERT_FILE: certificates.ca };
    const resolve = (client: RegistryClient) =>
      client.repository({ registry: registry.host, repository: "app" }).resolve("none");
    await expect(withClient({ environment, retry: { attempts: 1 } }, resolve)).rejects.toMatchObject({
      code: "registry_unreachable",
      message: `cannot reach ${registry.host}: it demands a client certificate`,
      hint: "If it demands a client certificate, put NAME.cert and NAME.key in a folder, and name that with --cert-dir.",
    });
    const folder = join(folders, registry.host);
    mkdirSync(folder, { recursive: true });
    copyFileSync(certificates.cert, join(folder, "client.cert"));
    copyFileSync(certificates.key, join(folder, "client.key"));
    expect(await withClient({ environment, certificateDirectories: [folders] }, resolve)).toBeUndefined();
  } finally {
    await registry.stop();
  }
});

test.each<[what: string, make: (folder: string) => void, message: string]>([
  ["that is not there", () => {}, "found no such directory"],
  [
    "with a certificate without its key",
    (folder) => {
      mkdirSync(folder);
      copyFileSync(certificates.cert, join(folder, "client.cert"));
    },
    `client.key", found none`,
  ],
])("282: --cert-dir %s is refused", async (_what, make, message) => {
  const folder = join(folders, `certs-${Math.random()}`);
  make(folder);
  const has = (client: RegistryClient) =>
    client.repository({ registry: "reg.test", repository: "app" }).has(describeBytes("x"));
  await expect(withClient({ certificateDirectory: folder }, has)).rejects.toMatchObject({
    code: "bad_value",
    message: expect.stringContaining(message),
  });
});

describe("S-210: plain http", () => {
  const blob = describeBytes("x");
  let server: ScriptedServer;
  beforeAll(async () => void (server = await startServer(reply(200))));
  afterAll(() => server.stop());

  test("is spoken to loopback that speaks no TLS", async () => {
    expect(
      await withClient({}, (client) => client.repository({ registry: server.host, repository: "app" }).has(blob)),
    ).toBe(true);
  });

  test("is not spoken to other hosts unless they are declared insecure", async () => {
    const host = server.host.replace("127.0.0.1", "0.0.0.0"); // this machine, by an address that is not loopback's
    const before = server.requests.length;
    const has = (client: RegistryClient) => client.repository({ registry: host, repository: "app" }).has(blob);
    await expect(withClient({}, has)).rejects.toMatchObject({
      code: "registry_unreachable",
      message: `cannot reach ${host}: it does not speak TLS`,
      hint: `Declare ${host} an insecure registry if it serves plain http.`,
    });
    expect(server.requests).toHaveLength(before);
    expect(await withClient({ insecure: [host] }, has)).toBe(true);
  });

  test("is not where an https registry may send us", async () => {
    const tls = { cert: readFileSync(certificates.cert), key: readFileSync(certificates.key) };
    const secure = await startServer(reply(307, { location: "http://storage.example.com/x?sig=secret" }), tls);
    try {
      const open = (client: RegistryClient) =>
        client.repository({ registry: secure.host, repository: "app" }).open(blob);
      await expect(withClient({ environment: { SSL_CERT_FILE: certificates.ca } }, open)).rejects.toMatchObject({
        code: "registry_error",
        message: `${secure.host} sends to http://storage.example.com/x?sig=REDACTED: expected https`,
      });
    } finally {
      await secure.stop();
    }
  });
});
