// Signatures of images, verified by tsbuild, and by openssl in the way that cosign's specification describes.
// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Manifest } from "../../oci/index.js";
import { Workspace } from "../helpers/cli.js";
import { type Registry, startRegistry } from "../helpers/registry.js";

const workspace = new Workspace();
let registry: Registry;
let app: string;
const [key, publicKey, other] = ["key.pem", "key.pub", "other.pub"].map((name) => join(workspace.path, name)) as [
  string,
  string,
  string,
];

beforeAll(async () => {
  registry = await startRegistry();
  app = `${registry.host}/team/app:1`;
  const make = (file: string) =>
    execFileSync("openssl", ["ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", file]);
  const publish = (from: string, to: string) =>
    execFileSync("openssl", ["pkey", "-in", from, "-pubout", "-out", to], { stdio: "ignore" });
  make(key);
  publish(key, publicKey);
  make(`${other}.key`);
  publish(`${other}.key`, other);
  const context = workspace.files("app", { Dockerfile: "FROM scratch\nCOPY a /a\n", a: "content" });
  await workspace.expectSuccess(["-t", app, "--push", "--sign-by", key, context]);
});
afterAll(async () => {
  await registry?.stop();
  workspace.remove();
});

/** What openssl says of the first signature under cosign's tag: its payload, when the key made it. */
function payloadVerified(digest: string, trusted: string): { readonly payload?: unknown; readonly says: string } {
  const layout = join(workspace.path, `signatures-${Math.random()}`);
  const source = `docker://${registry.host}/team/app:sha256-${digest}.sig`;
  execFileSync("skopeo", ["copy", "--quiet", "--src-tls-verify=false", source, `dir:${layout}`]);
  const { layers } = JSON.parse(readFileSync(join(layout, "manifest.json"), "utf8")) as Manifest;
  const [layer] = layers;
  const file = join(layout, layer!.digest.slice(7));
  const signature = `${file}.signature`;
  writeFileSync(signature, Buffer.from(layer!.annotations!["dev.cosignproject.cosign/signature"]!, "base64"));
  const { stdout, status } = spawnSync(
    "openssl",
    ["dgst", "-sha256", "-verify", trusted, "-signature", signature, file],
    {
      encoding: "utf8",
    },
  );
  return status === 0
    ? { says: stdout.trim(), payload: JSON.parse(readFileSync(file, "utf8")) }
    : { says: stdout.trim() };
}

test("what --sign-by signed is verified, by openssl too; with another key by neither (features 242)", async () => {
  const { stdout } = await workspace.expectSuccess(["verify", "--key", publicKey, app]);
  const [, digest] = /@sha256:([0-9a-f]{64})\n$/.exec(stdout)!;
  expect(stdout).toBe(`${registry.host}/team/app@sha256:${digest}\n`);
  expect(payloadVerified(digest!, publicKey)).toEqual({
    says: "Verified OK",
    payload: {
      critical: {
        identity: { "docker-reference": `${registry.host}/team/app` },
        image: { "docker-manifest-digest": `sha256:${digest}` },
        type: "cosign container image signature",
      },
      optional: null,
    },
  });
  const refused = await workspace.run(["verify", "--key", other, app]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("no signature of it was made by this key");
  expect(payloadVerified(digest!, other)).toEqual({ says: "Verification failure" });
});

test("sign adds to the signatures that are there, and signs once", async () => {
  await workspace.expectSuccess(["sign", "--key", `${other}.key`, "-a", "who=other", app]);
  await workspace.expectSuccess(["sign", "--key", `${other}.key`, "-a", "who=other", app]);
  await workspace.expectSuccess(["verify", "--key", publicKey, app]);
  await workspace.expectSuccess(["verify", "--key", other, "-a", "who=other", app]);
  const { code, stderr } = await workspace.run(["verify", "--key", other, "-a", "who=else", app]);
  expect(code).toBe(1);
  expect(stderr).toContain("no signature of this key has the annotations");
  const digest = (await workspace.expectSuccess(["verify", "--key", other, app])).stdout.trim().split("@sha256:")[1];
  const signatures = JSON.parse(
    execFileSync(
      "skopeo",
      ["inspect", "--raw", "--tls-verify=false", `docker://${registry.host}/team/app:sha256-${digest}.sig`],
      { encoding: "utf8" },
    ),
  ) as Manifest;
  expect(signatures.layers).toHaveLength(2);
});

test("a signature that is copied to another repository is of that no longer", async () => {
  const copied = `${registry.host}/evil/app:1`;
  const digest = (await workspace.expectSuccess(["verify", "--key", publicKey, app])).stdout
    .trim()
    .split("@sha256:")[1];
  const copy = (from: string, to: string) =>
    execFileSync("skopeo", [
      "copy",
      "--quiet",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      `docker://${from}`,
      `docker://${to}`,
    ]);
  copy(app, copied);
  copy(`${registry.host}/team/app:sha256-${digest}.sig`, `${registry.host}/evil/app:sha256-${digest}.sig`);
  const { code, stderr } = await workspace.run(["verify", "--key", publicKey, copied]);
  expect(code).toBe(1);
  expect(stderr).toContain(`the signature of this key is for ${registry.host}/team/app`);
  expect(stderr).toContain("--signed-for REPOSITORY");
  for (const place of [`${registry.host}/team/app`, "any"])
    await workspace.expectSuccess(["verify", "--key", publicKey, "--signed-for", place, copied]);
  expect((await workspace.run(["verify", "--key", publicKey, "--signed-for", "other/app", copied])).code).toBe(1);
});

test("an image without a signature, one that is not there, and keys that are none", async () => {
  const unsigned = `${registry.host}/team/app:2`;
  await workspace.expectSuccess(["-t", unsigned, "--push", "--label", "a=b", join(workspace.path, "app")]);
  expect((await workspace.run(["verify", "--key", publicKey, unsigned])).stderr).toContain("it has no signature");
  expect((await workspace.run(["verify", "--key", publicKey, `${registry.host}/x:1`])).stderr).toContain("no image");
  expect((await workspace.run(["sign", "--key", publicKey, unsigned])).stderr).toContain(
    "expected a private key in PEM",
  );
  expect((await workspace.run(["sign", "--key", "/none", unsigned])).stderr).toContain(
    'cannot read the key "/none": ENOENT',
  );
  expect((await workspace.run(["sign", unsigned])).stderr).toContain("Add --key FILE.");
});

test("--sign-by without a push is refused: there is nothing to sign", async () => {
  const { code, stderr } = await workspace.run(["--sign-by", key, join(workspace.path, "app")]);
  expect(code).toBe(125);
  expect(stderr).toContain("an image is signed in its registry, and nothing is pushed");
});
