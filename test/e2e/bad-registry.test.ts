// Registries that cannot be reached, refuse, or send what was not asked for.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Descriptor, MediaType, sha256 } from "../../oci/index.js";
import { type CliResult, Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { leftovers } from "../helpers/leftovers.js";
import { startRegistry, USER } from "../helpers/registry.js";

const workspace = new Workspace();
let busybox: string[];

beforeAll(async () => void (busybox = await baseImageFlags("busybox")));
afterEach(() => expect(leftovers(workspace)).toEqual([]));
afterAll(() => workspace.remove());

function buildFile(dockerfile: string, ...flags: readonly string[]): Promise<CliResult> {
  const context = workspace.files("context", { Dockerfile: dockerfile });
  return workspace.run(["build", "--progress=plain", ...busybox, ...flags, context]);
}

function expectFailure({ code, stderr }: CliResult, ...says: readonly (string | RegExp)[]): void {
  expect(code).toBe(1);
  for (const text of says) expect(stderr).toMatch(text);
  expect(stderr).not.toMatch(/internal error|\n +at /);
}

test("an unreachable registry is named, with the place that asks for it", async () => {
  expectFailure(
    await buildFile("FROM localhost:1/team/app:1\nRUN true\n"),
    "localhost:1",
    /refused|unreachable/i,
    "Dockerfile:1",
  );
});

test("a push that fails leaves the finished steps cached", async () => {
  const dockerfile = "FROM busybox\nRUN echo kept\n";
  expectFailure(
    await buildFile(dockerfile, "-t", "localhost:1/app:1", "--push"),
    "localhost:1",
    /refused|unreachable/i,
  );
  const { code, stderr } = await buildFile(dockerfile);
  expect(code).toBe(0);
  expect(stderr).toMatch(/\[2\/2\] RUN echo kept\n#\d+ CACHED/);
});

test("refused credentials: the registry is named, what to do is said, and no secret is printed", async () => {
  const registry = await startRegistry({ auth: "password" });
  try {
    const image = `${registry.host}/app:1`;
    expectFailure(await buildFile("FROM busybox\n", "-t", image, "--push"), registry.host, /unauthorized|login/i);
    const auth = Buffer.from(`${USER.username}:wrong-secret`).toString("base64");
    workspace.files("docker", { "config.json": JSON.stringify({ auths: { [registry.host]: { auth } } }) });
    const refused = await buildFile(`FROM ${image}\nRUN true\n`);
    expectFailure(refused, registry.host, /unauthorized|login/i);
    expect(refused.stderr).not.toContain("wrong-secret");
    expect(refused.stderr).not.toContain(auth);
  } finally {
    await registry.stop();
  }
});

test("an image that a registry does not have is named", async () => {
  const registry = await startRegistry();
  try {
    expectFailure(
      await buildFile(`FROM ${registry.host}/absent:1\nRUN true\n`),
      `no image "${registry.host}/absent:1"`,
      "Dockerfile:1",
    );
  } finally {
    await registry.stop();
  }
});

test("a layer that is not what its digest says: both digests are told, and it is not kept", async () => {
  const layer = Buffer.from("this is the layer");
  const server = serveImage(layer, Buffer.from("this is no layer!"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const image = `localhost:${(server.address() as AddressInfo).port}/app:1`;
    expectFailure(await buildFile(`FROM ${image}\nRUN true\n`), sha256(layer), sha256("this is no layer!"));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

/** A registry with one image, whose layer is sent as other bytes. */
function serveImage(layer: Buffer, sent: Buffer): Server {
  const rootfs = { type: "layers", diff_ids: [sha256(layer)] };
  const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs, history: [] }));
  const describe = (mediaType: string, bytes: Buffer): Descriptor => ({
    mediaType,
    digest: sha256(bytes),
    size: bytes.length,
  });
  const layers = [describe(MediaType.layer, layer)];
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config: describe(MediaType.config, config),
    layers,
  };
  const manifestBytes = Buffer.from(JSON.stringify(manifest));
  return createServer(({ url = "", method }, answer) => {
    const isManifest = url.includes("/manifests/");
    const body = isManifest ? manifestBytes : url.includes(manifest.config.digest) ? config : sent;
    answer.setHeader("Content-Type", isManifest ? MediaType.manifest : "application/octet-stream");
    answer.setHeader("Docker-Content-Digest", sha256(isManifest ? manifestBytes : body));
    answer.setHeader("Content-Length", body.length);
    answer.end(method === "HEAD" ? undefined : body);
  });
}
