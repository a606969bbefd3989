// Policies of which images are trusted (containers-policy.json(5)), put to images that are signed by real keys.

import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Descriptor, parseReference, readBlob, type Reference } from "../../oci/index.js";
import { signImage } from "../../signing/index.js";
import { isIdentity } from "../../trust/identity.js";
import { type ImageSource, loadTrust } from "../../trust/index.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { putImage, putIndex } from "../helpers/sample-image.js";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsbuild-trust-"));
  file = join(directory, "policy.json");
});
afterEach(() => rmSync(directory, { recursive: true }));

const ACCEPT = [{ type: "insecureAcceptAnything" }];
const REJECT = [{ type: "reject" }];
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = String(publicKey.export({ type: "spki", format: "pem" }));
const docker = (name: string): ImageSource => ({ transport: "docker", reference: parseReference(name) });

function trust(policy: object | string, environment: Record<string, string> = {}) {
  writeFileSync(file, typeof policy === "string" ? policy : JSON.stringify(policy));
  return loadTrust({ file, environment });
}

describe("the most specific scope decides (row 285)", () => {
  const scoped = (scope: string) => ({ default: REJECT, transports: { docker: { [scope]: ACCEPT } } });

  test.each([
    ["docker.io/library/alpine:3", "alpine:3", true],
    ["docker.io/library/alpine:3", "alpine:4", false],
    ["docker.io/library/alpine", "alpine:4", true],
    ["docker.io/library", "alpine", true],
    ["docker.io/lib", "alpine", false],
    ["docker.io", "team/app", true],
    ["reg.example:5000", "reg.example:5000/a/b/c:1", true],
    ["reg.example", "reg.example:5000/a", false],
    ["*.example", "reg.example:5000/a", true],
    ["*.example", "a.b.example/x", true],
    ["*.b.example", "a.b.example/x", true],
    ["*.example", "example/x", false],
    ["", "anything/at:all", true],
    [`reg.example/a@sha256:${"1".repeat(64)}`, `reg.example/a@sha256:${"1".repeat(64)}`, true],
  ])("%j and %s", async (scope, name, isAccepted) => {
    const permit = trust(scoped(scope)).permit(docker(name));
    if (isAccepted) expect(await permit).toBeDefined();
    else await expect(permit).rejects.toMatchObject({ code: "source_denied" });
  });

  test("its rule is named, with the file", async () => {
    const policy = { default: ACCEPT, transports: { docker: { "docker.io": REJECT, "docker.io/library": ACCEPT } } };
    await expect(trust(policy).permit(docker("team/app"))).rejects.toMatchObject({
      message: `"docker.io/team/app:latest" is rejected by the scope "docker.io" of docker in the signature policy "${file}"`,
    });
    await trust(policy).permit(docker("alpine"));
    await expect(trust({ default: REJECT }).permit(docker("a"))).rejects.toMatchObject({
      message: `"docker.io/library/a:latest" is rejected by the default of the signature policy "${file}"`,
    });
  });

  test("a layout is known by its real path, the folders above, and its tag", async () => {
    const layout = join(directory, "images/one");
    mkdirSync(layout, { recursive: true });
    symlinkSync(layout, join(directory, "link"));
    const source = { transport: "oci", path: join(directory, "link"), tag: "1" } as const;
    for (const scope of [`${layout}:1`, layout, directory, ""])
      await trust({ default: REJECT, transports: { oci: { [scope]: ACCEPT } } }).permit(source);
    for (const scope of [`${layout}:2`, source.path])
      await expect(
        trust({ default: REJECT, transports: { oci: { [scope]: ACCEPT } } }).permit(source),
      ).rejects.toMatchObject({ code: "source_denied" });
  });

  test("an archive for Docker has the scope of its transport only", async () => {
    const policy = { default: REJECT, transports: { "docker-archive": { "": ACCEPT } } };
    await trust(policy).permit({ transport: "docker-archive", path: "/x.tar" });
    await expect(trust(policy).permit({ transport: "oci-archive", path: "/x.tar" })).rejects.toMatchObject({
      message: expect.stringContaining('"oci-archive:/x.tar" is rejected'),
    });
  });
});

describe("sigstoreSigned", () => {
  let store: MemoryStore;
  let image: Descriptor;
  beforeEach(async () => {
    store = new MemoryStore();
    image = await putImage(store, ["a"]);
  });

  const name = "reg.example/team/app:1";
  const requiring = (requirement: object) =>
    trust({ default: [{ type: "sigstoreSigned", keyData: Buffer.from(pem).toString("base64"), ...requirement }] });
  const REPOSITORY = { signedIdentity: { type: "matchRepository" } };
  const sign = (as = name, of = image, key = privateKey) => signImage(store, parseReference(as), of, { key });
  const admitted = async (requirement: object, source = docker(name), root = image) =>
    (await requiring(requirement).permit(source)).admit(store, root);

  test("a signature by the key lets an image in, none or one by another key does not", async () => {
    await expect(admitted(REPOSITORY)).rejects.toMatchObject({
      code: "not_signed",
      message: `"${name}" (${image.digest}) is not signed as the default of the signature policy "${file}" asks: it has no signature by the key`,
    });
    await sign(name, image, other.privateKey);
    await expect(admitted(REPOSITORY)).rejects.toMatchObject({ code: "not_signed" });
    await sign();
    expect(await admitted(REPOSITORY)).toBe(store);
  });

  test("what a signature of cosign does not say, which is the tag, the default asks for", async () => {
    await sign();
    await expect(admitted({})).rejects.toMatchObject({
      message: expect.stringContaining(
        'the signature by the key is for "reg.example/team/app", not as matchRepoDigestOrExact has it',
      ),
      hint: expect.stringContaining('{"type": "matchRepository"}'),
    });
    const pinned = docker(`reg.example/team/app@${image.digest}`);
    expect(await admitted({}, pinned)).toBe(store);
  });

  test.each<[string, object, string, boolean]>([
    ["another repository", { type: "matchRepository" }, "reg.example/team/other", false],
    [
      "the repository that is named",
      { type: "exactRepository", dockerRepository: "reg.example/up/app" },
      "reg.example/up/app",
      true,
    ],
    [
      "another than is named",
      { type: "exactRepository", dockerRepository: "reg.example/up/app" },
      "reg.example/team/app",
      false,
    ],
    [
      "Docker Hub, as cosign calls it",
      { type: "exactRepository", dockerRepository: "docker.io/library/app" },
      "docker.io/library/app",
      true,
    ],
    [
      "no tag where one is named",
      { type: "exactReference", dockerReference: "reg.example/team/app:1" },
      "reg.example/team/app",
      false,
    ],
  ])("a signature for %s", async (_what, signedIdentity, as, isAccepted) => {
    await sign(as);
    const result = admitted({ signedIdentity });
    if (isAccepted) expect(await result).toBe(store);
    else await expect(result).rejects.toMatchObject({ code: "not_signed" });
  });

  test("keys may be files, and one of several is enough", async () => {
    const [one, two] = [join(directory, "one.pub"), join(directory, "two.pub")];
    writeFileSync(one, String(other.publicKey.export({ type: "spki", format: "pem" })));
    writeFileSync(two, pem);
    await sign();
    const policy = (keys: object) => ({ default: [{ type: "sigstoreSigned", ...keys, ...REPOSITORY }] });
    const admit = async (keys: object) => (await trust(policy(keys)).permit(docker(name))).admit(store, image);
    expect(await admit({ keyPath: two })).toBe(store);
    expect(await admit({ keyPaths: [one, two] })).toBe(store);
    await expect(admit({ keyPath: one })).rejects.toMatchObject({ code: "not_signed" });
    await expect(admit({ keyPath: "/nowhere" })).rejects.toMatchObject({ code: "bad_key" });
    await expect(admit({ keyPath: one, keyData: "" })).rejects.toMatchObject({ code: "bad_policy" });
    await expect(admit({})).rejects.toMatchObject({ code: "bad_policy" });
  });

  test("the signature of an index is one of its images; else each that is opened has to have its own", async () => {
    const second = await putImage(store, ["b"], { os: "linux", architecture: "arm64" });
    const index = await putIndex(store, [image, second]);
    await sign();
    const place = await admitted(REPOSITORY, docker(name), index);
    expect(await readBlob(place, image)).toBeDefined();
    await expect(readBlob(place, second)).rejects.toMatchObject({
      code: "not_signed",
      message: expect.stringContaining(second.digest),
    });
    await sign(name, index);
    expect(await admitted(REPOSITORY, docker(name), index)).toBe(store);
  });

  test("all requirements hold at once", async () => {
    const asked = { type: "sigstoreSigned", keyData: Buffer.from(pem).toString("base64"), ...REPOSITORY };
    const theirs = {
      ...asked,
      keyData: Buffer.from(String(other.publicKey.export({ type: "spki", format: "pem" }))).toString("base64"),
    };
    const admit = async () => (await trust({ default: [asked, theirs] }).permit(docker(name))).admit(store, image);
    await sign();
    await expect(admit()).rejects.toMatchObject({ code: "not_signed" });
    await sign(name, image, other.privateKey);
    expect(await admit()).toBe(store);
  });

  test("the seal is of the keys and the identity, and there is none where nothing is asked", async () => {
    const seal = async (requirement: object) => (await requiring(requirement).permit(docker(name))).seal;
    expect(await seal({})).toBe(await seal({}));
    expect(await seal({})).not.toBe(await seal(REPOSITORY));
    expect((await trust({ default: ACCEPT }).permit(docker(name))).seal).toBeUndefined();
  });
});

describe("what cannot be verified here is refused by name, where an image falls under it", () => {
  test.each<[object, string]>([
    [{ type: "signedBy", keyType: "GPGKeys", keyPath: "/k.gpg" }, "signedBy, a signature by GPG"],
    [{ type: "sigstoreSigned", keyData: "", rekorPublicKeyPath: "/rekor.pub" }, "rekorPublicKeyPath"],
    [{ type: "sigstoreSigned", fulcio: {} }, "fulcio"],
  ])("%j", async (requirement, what) => {
    const policy = { default: ACCEPT, transports: { docker: { "reg.example": [requirement] } } };
    await trust(policy).permit(docker("alpine"));
    await expect(trust(policy).permit(docker("reg.example/a"))).rejects.toMatchObject({
      code: "bad_policy",
      message: `"reg.example/a:latest": the scope "reg.example" of docker in the signature policy "${file}" asks for ${what}, which is not verified here`,
    });
  });
});

const doubled = (place: string) => new RegExp(`, ${place}: expected the key once, found it twice$`);

describe("a policy that is not as it should be is refused as a whole", () => {
  test.each<[object | string, RegExp]>([
    ["{", /^expected JSON in the signature policy "/],
    [{}, /, default: expected "default", found undefined$/],
    [{ default: [] }, /, default: expected >=1, found 0$/],
    [{ default: [{ type: "accept" }] }, /, default, 0, type: expected .*"reject".*, found "accept"$/],
    [{ default: ACCEPT, more: 1 }, /, more: expected no such field, found "more"$/],
    [{ default: [{ type: "reject", why: "" }] }, /, default, 0, why: expected no such field/],
    [{ default: ACCEPT, transports: { docker: { x: {} } } }, /, transports, docker, x: expected Array, found Object$/],
    [{ default: [{ type: "sigstoreSigned", signedIdentity: { type: "any" } }] }, /signedIdentity, type: expected /],
    ['{"default": [{"type":"reject"}], "default": [{"type":"insecureAcceptAnything"}]}', doubled("default")],
    ['{"default": [{"type":"reject"}], "d\\u0065fault" : []}', doubled("default")],
    ['{"default": [{"type":"reject"}], "transports": {}, "transports": {}}', doubled("transports")],
    ['{"default": [{"type":"reject"}], "transports": {"oci": {}, "oci": {}}}', doubled("transports, oci")],
    ['{"transports": {"oci": {"/a": [{}], "/b": [], "/a": []}}}', doubled("transports, oci, /a")],
    ['{"default": [{"type":"reject"}, {"type":"reject", "type":"reject"}]}', doubled("default, 1, type")],
  ])("%j", (policy, message) => {
    expect(() => trust(policy)).toThrow(message);
  });
});

describe("BUILD_REGISTRY_SOURCES", () => {
  const sources = (value: object | string) =>
    trust({ default: ACCEPT }, { BUILD_REGISTRY_SOURCES: typeof value === "string" ? value : JSON.stringify(value) });

  test("blocks the registries that it lists, and allows no others than those that it lists", async () => {
    await expect(
      sources({ blockedRegistries: ["localhost:5901"] }).permit(docker("localhost:5901/a")),
    ).rejects.toMatchObject({
      code: "source_denied",
      message: "images of localhost:5901 are denied by BUILD_REGISTRY_SOURCES: it is one of blockedRegistries",
    });
    await sources({ blockedRegistries: ["localhost:5901"] }).permit(docker("localhost:5902/a"));
    const allowing = sources({ allowedRegistries: ["docker.io"], blockedRegistries: null });
    await allowing.permit(docker("alpine"));
    await expect(allowing.permit(docker("quay.io/a"))).rejects.toMatchObject({
      message: expect.stringContaining("none of allowedRegistries"),
    });
    await allowing.permit({ transport: "oci", path: directory });
  });

  test.each<[object | string, RegExp]>([
    ["nonsense", /^BUILD_REGISTRY_SOURCES: expected JSON, found "nonsense"$/],
    [{ blocked: [] }, /^BUILD_REGISTRY_SOURCES, blocked: expected no such field, found "blocked"$/],
    ['{"blockedRegistries": ["a"], "blockedRegistries": []}', doubled("blockedRegistries")],
    [
      { blockedRegistries: "a" },
      /^BUILD_REGISTRY_SOURCES, blockedRegistries: expected \(Array \| null \| undefined\)|Array, found "a"$/,
    ],
  ])("%j is refused", (value, message) => {
    expect(() => sources(value)).toThrow(message);
  });
});

describe("signedIdentity", () => {
  test.each<[object, string, string, boolean]>([
    [{ type: "matchExact" }, "reg.example/a:1", "reg.example/a:1", true],
    [{ type: "matchExact" }, "reg.example/a:2", "reg.example/a:1", false],
    [{ type: "matchExact" }, "reg.example/a", "reg.example/a:latest", false],
    [{ type: "matchRepoDigestOrExact" }, "reg.example/a:1", "reg.example/a:1", true],
    [{ type: "matchRepoDigestOrExact" }, "reg.example/a:2", "reg.example/a:1", false],
    [{ type: "matchRepoDigestOrExact" }, "reg.example/a:2", `reg.example/a@sha256:${"1".repeat(64)}`, true],
    [{ type: "exactReference", dockerReference: "up.example/a:1" }, "up.example/a:1", "reg.example/b", true],
    [
      { type: "remapIdentity", prefix: "mirror/v", signedPrefix: "up.example" },
      "up.example/a:1",
      "mirror/v/a:1",
      false,
    ],
    [
      { type: "remapIdentity", prefix: "m.example/v", signedPrefix: "up.example" },
      "up.example/a:1",
      "m.example/v/a:1",
      true,
    ],
    [
      { type: "remapIdentity", prefix: "m.example/v", signedPrefix: "up.example" },
      "up.example/x/a:1",
      "m.example/vx/a:1",
      false,
    ],
    [
      { type: "remapIdentity", prefix: "m.example", signedPrefix: "up.example" },
      "up.example:5000/a:1",
      "m.example:5000/a:1",
      false,
    ],
    [{ type: "matchRepository" }, "not a reference", "reg.example/a:1", false],
  ])("%j, signed as %s, taken as %s", (signedIdentity, signed, taken, isMatch) => {
    const reference: Reference = parseReference(taken);
    expect(isIdentity(signedIdentity as never, signed, { transport: "docker", reference })).toBe(isMatch);
  });
});
