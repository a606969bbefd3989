// Registries from the command line: login, push while building, mounts, copies, and what podman and skopeo make of it
// (features 278 to 292).

import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { makeCertificates, type Registry, startRegistry, USER } from "../helpers/registry.js";
import { reply, StrictRegistry } from "../helpers/strict-registry.js";

const run = promisify(execFile);
const workspace = new Workspace();
let busybox: string[];
let registry: Registry;
let strict: StrictRegistry;

beforeAll(async () => {
  busybox = await baseImageFlags("busybox");
  registry = await startRegistry();
  strict = await new StrictRegistry().start();
});
afterAll(async () => {
  await registry.stop();
  await strict.stop();
  workspace.remove();
});

function build(dockerfile: string, ...flags: readonly string[]) {
  const context = workspace.files("context", { Dockerfile: dockerfile });
  return workspace.expectSuccess(["build", "--progress=plain", ...busybox, ...flags, context]);
}

test("291: the layer of a step is in the registry while the next step runs, and the manifest is last", async () => {
  strict.faults.push(({ path, response }, { blobs }) => {
    if (path !== "/has-layer") return false;
    reply(response, blobs.size > 0 ? 200 : 404);
    return true;
  });
  const name = `${strict.host}/early:1`;
  const wait = `until wget -q -O /dev/null http://${strict.host}/has-layer; do sleep 0.1; done`;
  await build(`FROM busybox\nRUN head -c 100000 /dev/urandom >/a\nRUN ${wait}\n`, "--push", "-t", name);
  expect(strict.requests.at(-1)).toBe("PUT /v2/early/manifests/1");
  expect(strict.violations).toEqual([]);
});

test("a build that fails does not wait for a registry that takes a layer and says nothing", async () => {
  strict.faults.push(({ method, path }) => method === "PUT" && path.startsWith("/v2/silent/"));
  const context = workspace.files("context", { Dockerfile: "FROM busybox\nRUN echo x >/x\nRUN sleep 1; false\n" });
  const flags = ["--progress=plain", ...busybox, "--push", "-t", `${strict.host}/silent:1`];
  const { code, stderr } = await workspace.run(["build", ...flags, context]);
  expect(code).toBe(1);
  expect(stderr).toContain('process "/bin/sh -c sleep 1; false" did not complete successfully');
  expect(strict.requests.some((line) => line.startsWith("PUT /v2/silent/blobs/uploads/"))).toBe(true);
  expect([...strict.manifests.keys()].filter((name) => name.startsWith("silent"))).toEqual([]);
});

test("a push of what is there takes one request, of a new name in another repository no byte of a layer", async () => {
  const dockerfile = "FROM busybox\nRUN echo one >/one\nRUN echo two >/two\n";
  await build(dockerfile, "--push", "-t", `${strict.host}/count:1`);
  const first = strict.requests.length;
  await build(dockerfile, "--push", "-t", `${strict.host}/count:1`);
  expect(strict.requests.slice(first)).toEqual(["HEAD /v2/count/manifests/1"]);
  const second = strict.requests.length;
  await build(dockerfile, "--push", "-t", `${strict.host}/other:1`);
  const sent = strict.requests.slice(second);
  expect(sent.filter((line) => line.includes("mount="))).toHaveLength(4);
  expect(sent.filter((line) => line.startsWith("PUT")).map((line) => line.replace(/\?.*/, ""))).toEqual([
    "PUT /v2/other/manifests/1",
  ]);
});

describe("login", () => {
  let locked: Registry;
  beforeAll(async () => void (locked = await startRegistry({ auth: "password" })));
  afterAll(() => locked.stop());
  const config = () => join(workspace.path, "docker/config.json");
  const { username, password } = USER;

  test("refuses a wrong password, keeps nothing, and does not say it", async () => {
    const login = ["login", "-u", username, "--password-stdin", locked.host];
    const { code, stderr } = await workspace.run(login, { stdin: "wrong-secret\n" });
    expect(code).toBe(1);
    expect(stderr).toContain(`ERROR: ${locked.host} does not accept this user and password`);
    expect(stderr).not.toContain("wrong-secret");
    expect(existsSync(config())).toBe(false);
  });

  test("a build that may not push ends while its first step runs, and not after it", async () => {
    const context = workspace.files("context", { Dockerfile: "FROM busybox\nRUN sleep 600\n" });
    const flags = ["--progress=plain", ...busybox, "--push", "-t", `${locked.host}/app:1`];
    const { code, stderr } = await workspace.run(["build", ...flags, context]);
    expect(code).toBe(1);
    expect(stderr).toContain(`solve: ${locked.host} answered 401 to POST`);
    expect(stderr).toContain(`hint: Check the name, or log in: tsbuild login ${locked.host}.`);
  });

  test("keeps a password that is right, for this user only; logout forgets it", async () => {
    const login = ["login", "-u", username, "--password-stdin", locked.host];
    const { stdout } = await workspace.expectSuccess(login, { stdin: `${password}\n` });
    expect(stdout).toBe("Login Succeeded\n");
    expect(statSync(config()).mode & 0o777).toBe(0o600);
    await build("FROM busybox\n", "--push", "-t", `${locked.host}/app:1`);
    const again = await workspace.expectSuccess(["login", locked.host]);
    expect(again.stdout).toBe("Login Succeeded with the credentials that are kept\n");
    const { stdout: left } = await workspace.expectSuccess(["logout", locked.host]);
    expect(left).toBe(`Removing login credentials for ${locked.host}\n`);
    expect(JSON.parse(readFileSync(config(), "utf8"))).toEqual({ auths: {} });
    expect((await workspace.run(["pull", `${locked.host}/app:1`])).code).toBe(1);
  });

  test("a password in a command line works, and is warned of", async () => {
    const pull = ["pull", "--creds", `${username}:${password}`, `${locked.host}/app:1`];
    const { stderr } = await workspace.expectSuccess(pull);
    expect(stderr).toContain("a password given by --creds can be seen by others");
    expect(stderr).not.toContain(password);
  });

  test("a password in a command line is not in the list of processes while the registry is asked", async () => {
    const words: string[] = [];
    strict.faults.push(({ path, response }) => {
      if (!path.startsWith("/v2/secret/")) return false;
      words.push(readFileSync(`/proc/${running.child.pid}/cmdline`, "utf8"));
      reply(response, 404);
      return true;
    });
    const copy = ["copy", "-q", "--src-creds", `me:${password}`, `${strict.host}/secret:1`, "oci:never"];
    const running = workspace.start(copy);
    expect((await running.result).code).toBe(1);
    expect(words.length).toBeGreaterThan(0);
    expect(words.join()).not.toContain(password);
  });

  test.each([
    [["login", "-u", "me"], "no terminal"],
    [["login", "--password-stdin"], "--password-stdin needs --username"],
    [["login", "-u", "me", "-p", "x", "--password-stdin"], "exclude each other"],
    [["login", "-u", "me", "--password-stdin", "http://"], "expected a registry"],
  ])("%j is refused", async (words, says) => {
    const { code, stderr } = await workspace.run(words, { stdin: "x" });
    expect(code).not.toBe(0);
    expect(stderr).toContain(says);
  });
});

describe("flags", () => {
  test("--registry-mirror and --registries-conf say where images are; what is blocked is not asked for", async () => {
    await build("FROM busybox\nRUN echo base >/base\n", "--push", "-t", `${registry.host}/hub/library/thing:1`);
    await workspace.expectSuccess(["pull", "--registry-mirror", `${registry.host}/hub`, "thing:1"]);
    const conf = join(workspace.path, "registries.conf");
    writeFileSync(
      conf,
      `[[registry]]\nprefix = "reg.example/team"\nlocation = "${registry.host}/hub/library"\n[[registry]]\nprefix = "bad.example"\nblocked = true\n`,
    );
    await workspace.expectSuccess(["pull", "--registries-conf", conf, "reg.example/team/thing:1"]);
    const { code, stderr } = await workspace.run(["pull", "--registries-conf", conf, "bad.example/x"]);
    expect(code).toBe(1);
    expect(stderr).toContain('"bad.example/x" is not to be used: registries.conf blocks "bad.example"');
  });

  test("--cert-dir has the authority of a registry; --tls-verify=false asks for none", async () => {
    const certificates = makeCertificates();
    const secure = await startRegistry({ tls: certificates });
    try {
      const copy = (...flags: string[]) =>
        workspace.run(["copy", "-q", ...flags, `${registry.host}/hub/library/thing:1`, `${secure.host}/thing:1`]);
      expect((await copy("--retry", "0")).stderr).toContain("certificate");
      const folder = workspace.files("certs", { "ca.crt": readFileSync(certificates.ca, "utf8") });
      expect(await copy("--cert-dir", folder)).toMatchObject({ code: 0 });
      expect(await copy("--tls-verify=false")).toMatchObject({ code: 0 });
    } finally {
      await secure.stop();
      certificates.remove();
    }
  });

  test.each([
    [["--limit-rate", "1"], "expected at least 16k"],
    [["--retry", "-1"], "expected a whole number from 0"],
    [["--retry-delay", "soon"], "expected a duration"],
    [["--registry-mirror", "a b"], "expected [REGISTRY=]HOST"],
    [["--upload-chunk", "10"], "expected at least 64k"],
    [["--creds", ":x"], "expected USER:PASSWORD"],
  ])("%j is refused", async (flags, says) => {
    const { code, stderr } = await workspace.run(["pull", ...flags, "thing"]);
    expect(code).toBe(125);
    expect(stderr).toContain(says);
  });
});

describe("copy", () => {
  const digest = async (image: string) =>
    (await run("skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", image])).stdout.trim();

  test("between registries, layouts and archives keeps the digest, and skopeo reads each", async () => {
    const source = `${registry.host}/hub/library/thing:1`;
    const expected = await digest(`docker://${source}`);
    const copy = async (from: string, to: string) => (await workspace.expectSuccess(["copy", "-q", from, to])).stdout;
    const at = (name: string) => join(workspace.path, name);
    expect(await copy(source, `oci:${at("layout")}:a`)).toBe(`${expected}\n`);
    expect(await copy(`oci:${at("layout")}:a`, `oci-archive:${at("a.tar")}:b`)).toBe(`${expected}\n`);
    expect(await copy(`oci-archive:${at("a.tar")}`, "store:kept:1")).toBe(`${expected}\n`);
    expect(await copy("store:kept:1", `docker://${strict.host}/copied:2`)).toBe(`${expected}\n`);
    expect(await digest(`oci:${at("layout")}:a`)).toBe(expected);
    expect(await digest(`oci-archive:${at("a.tar")}:b`)).toBe(expected);
    expect(strict.tags.get("copied:2")).toBe(expected);
    await copy(source, `docker-archive:${at("d.tar")}:thing:3`);
    await run("skopeo", ["copy", "-q", `docker-archive:${at("d.tar")}:thing:3`, `dir:${at("dir")}`]);
    await copy(`docker-archive:${at("d.tar")}:thing:3`, `${registry.host}/from-docker:1`);
    expect(await digest(`docker://${registry.host}/from-docker:1`)).toMatch(/^sha256:/);
  });

  test.each([
    [["nothing-here", "oci:x"], 1],
    [["oci:nowhere", "oci:x"], 1],
    [["oci-archive:none.tar", "oci:x"], 1],
    [["ostree:x", "oci:x"], 125],
    [["oci:", "oci:x"], 125],
    [["--all", "--platform", "linux/amd64", "a", "b"], 125],
    [["a"], 125],
  ])("%j is refused, and nothing is written", async (words, expected) => {
    const { code, stderr } = await workspace.run(["copy", "--retry", "0", ...words]);
    expect(code).toBe(expected);
    expect(stderr).toMatch(/^ERROR: /m);
    expect(stderr).not.toMatch(/\n +at /);
    expect(existsSync(join(workspace.path, "x"))).toBe(false);
  });
});

test("podman pulls what was pushed, and runs it", async () => {
  const name = `${registry.host}/for-podman:1`;
  await build("FROM busybox\nRUN echo hello >/hello\nCMD cat /hello\n", "--push", "-t", name);
  const storage = ["--root", join(workspace.path, "pm"), "--runroot", join(workspace.path, "pm-run")];
  const podman = ["podman", ...storage, "--storage-driver=vfs", "--cgroup-manager=cgroupfs"];
  await run("podman", [...podman.slice(1), "pull", "-q", "--tls-verify=false", name]);
  const limits = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000"]; // Podman's own may be over those of this machine
  const flags = ["run", "--rm", ...limits, "--network=none", "--cgroups=disabled"];
  const script = 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"'; // crun refuses hosts that mount both versions
  const { stdout } = await run("unshare", ["-m", "sh", "-c", script, "sh", ...podman, ...flags, name]);
  expect(stdout).toBe("hello\n");
});

test("285: the signature policy and BUILD_REGISTRY_SOURCES hold for builds, pulls and copies", async () => {
  const name = `${strict.host}/trusted:1`;
  await build("FROM busybox\nRUN echo x >/x\n", "--push", "-t", name);
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keys = workspace.files("keys", {
    "k.pem": String(privateKey.export({ type: "pkcs8", format: "pem" })),
    "k.pub": String(publicKey.export({ type: "spki", format: "pem" })),
  });
  const signed = { type: "sigstoreSigned", keyPath: join(keys, "k.pub"), signedIdentity: { type: "matchRepository" } };
  const policy = join(keys, "policy.json");
  writeFileSync(
    policy,
    JSON.stringify({ default: [{ type: "reject" }], transports: { docker: { [strict.host]: [signed] } } }),
  );
  const from = workspace.files("from", { Dockerfile: `FROM scratch\nCOPY --from=${name} /x /x\n` });
  const building = ["build", "--pull", "--signature-policy", policy, from];
  for (const command of [building, ["pull", "--signature-policy", policy, name]]) {
    const { code, stderr } = await workspace.run(command);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("it has no signature by the key") });
  }
  await workspace.expectSuccess(["sign", "--key", join(keys, "k.pem"), name]);
  await workspace.expectSuccess(building);
  const rejected = await workspace.run(["copy", "--signature-policy", policy, `oci:${keys}`, "oci:there"]);
  expect(rejected.stderr).toContain(`is rejected by the default of the signature policy "${policy}"`);
  const env = { BUILD_REGISTRY_SOURCES: JSON.stringify({ blockedRegistries: [strict.host] }) };
  const blocked = await workspace.run(["build", "--pull", from], { env });
  expect(blocked.stderr).toContain(`images of ${strict.host} are denied by BUILD_REGISTRY_SOURCES`);
});
