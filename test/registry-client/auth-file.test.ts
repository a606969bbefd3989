// `login` and `logout`: where a password is kept, and by whom (S-200, features 278 to 280).

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eraseCredentials, loadKeychain, storeCredentials } from "../../registry-client/index.js";

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "tsbuild-auth-"))));
afterEach(() => rmSync(home, { recursive: true }));

const tester = { username: "me", password: "hunter2:with colon" };
const file = () => join(home, ".docker/config.json");
const options = () => ({ environment: { HOME: home, PATH: `${home}:${process.env.PATH}` } });
const read = (path = file()) => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
const find = (registry: string) => loadKeychain(options().environment).credentials(registry, "app");

test("a password is kept for nobody else to read, and found again", async () => {
  expect(await storeCredentials("ghcr.io", tester, options())).toBe(file());
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(read()).toEqual({ auths: { "ghcr.io": { auth: Buffer.from("me:hunter2:with colon").toString("base64") } } });
  expect(await find("ghcr.io")).toEqual(tester);
});

test("a place below /proc is an error, and no endless wait", async () => {
  const environment = { HOME: "/proc/nowhere/deep" };
  await expect(storeCredentials("ghcr.io", tester, { environment })).rejects.toThrow(/ENOENT/);
});

test("S-199: Docker Hub's is kept under its old address, however it was kept before", async () => {
  mkdirSync(join(home, ".docker"));
  writeFileSync(file(), JSON.stringify({ auths: { "docker.io": { auth: "b2xkOm9sZA==" } } }));
  await storeCredentials("docker.io", tester, options());
  expect(Object.keys(read().auths as object)).toEqual(["https://index.docker.io/v1/"]);
  expect(await find("docker.io")).toEqual(tester);
});

test("what else is in the file stays, and a link stays a link", async () => {
  mkdirSync(join(home, ".docker"));
  const real = join(home, "real.json");
  writeFileSync(
    real,
    JSON.stringify({ psFormat: "x", auths: { "quay.io": { auth: "YTpi" }, "ghcr.io/acme": { auth: "YTpi" } } }),
  );
  chmodSync(real, 0o644);
  symlinkSync(real, file());
  await storeCredentials("ghcr.io", tester, options());
  expect(lstatSync(file()).isSymbolicLink()).toBe(true);
  expect(statSync(real).mode & 0o777).toBe(0o600);
  expect(Object.keys(read(real))).toEqual(["psFormat", "auths"]);
  expect(Object.keys(read(real).auths as object)).toEqual(["quay.io", "ghcr.io/acme", "ghcr.io"]);
  expect(await eraseCredentials("ghcr.io", options())).toBe(true);
  expect(Object.keys(read(real).auths as object)).toEqual(["quay.io", "ghcr.io/acme"]);
});

test("logout of what is not known says so, and makes no file", async () => {
  expect(await eraseCredentials("ghcr.io", options())).toBe(false);
  expect(() => statSync(file())).toThrow();
});

test.each(["{", "[]", '{"auths": {"x": 1}}'])("a file with %j is not overwritten", async (text) => {
  mkdirSync(join(home, ".docker"));
  writeFileSync(file(), text);
  await expect(storeCredentials("ghcr.io", tester, options())).rejects.toMatchObject({ code: "unauthorized" });
  expect(readFileSync(file(), "utf8")).toBe(text);
});

test("--authfile and REGISTRY_AUTH_FILE name another file", async () => {
  const named = join(home, "named.json");
  await storeCredentials("ghcr.io", tester, { ...options(), authFile: named });
  expect(await loadKeychain({}, named).credentials("ghcr.io", "a")).toEqual(tester);
  const environment = { ...options().environment, REGISTRY_AUTH_FILE: join(home, "env.json") };
  await storeCredentials("quay.io", tester, { environment });
  expect(Object.keys(read(join(home, "env.json")).auths as object)).toEqual(["quay.io"]);
  expect(await loadKeychain({}, named).credentials("quay.io", "a")).toBeUndefined();
  await expect(loadKeychain({}, join(home, "none")).credentials("x", "a")).rejects.toMatchObject({
    code: "unauthorized",
  });
});

test("skopeo logs in with what we kept, and we with what it kept", async () => {
  const named = join(home, "shared.json");
  await storeCredentials("reg.example", tester, { ...options(), authFile: named });
  const told = execFileSync("skopeo", ["login", "--authfile", named, "--get-login", "reg.example"], {
    encoding: "utf8",
  });
  expect(told.trim()).toBe("me");
});

describe("a credential helper", () => {
  beforeEach(() => {
    const script = `#!/bin/sh
case $1 in
store) cat >"${home}/kept" ;;
get) [ -f "${home}/kept" ] || { echo "credentials not found in native keychain"; exit 1; }; cat "${home}/kept" ;;
erase) cat >"${home}/erased"; rm "${home}/kept" ;;
esac
`;
    writeFileSync(join(home, "docker-credential-tests"), script, { mode: 0o755 });
    mkdirSync(join(home, ".docker"));
    writeFileSync(file(), JSON.stringify({ credsStore: "tests" }));
  });

  test("is given the password, and the file is not", async () => {
    expect(await storeCredentials("ghcr.io", tester, options())).toBe("docker-credential-tests");
    expect(JSON.parse(readFileSync(join(home, "kept"), "utf8"))).toEqual({
      ServerURL: "ghcr.io",
      Username: "me",
      Secret: "hunter2:with colon",
    });
    expect(readFileSync(file(), "utf8")).not.toContain("hunter2");
    expect(read()).toEqual({ credsStore: "tests", auths: { "ghcr.io": {} } });
    expect(await find("ghcr.io")).toEqual(tester);
    expect(await eraseCredentials("ghcr.io", options())).toBe(true);
    expect(readFileSync(join(home, "erased"), "utf8").trim()).toBe("ghcr.io");
    expect(await eraseCredentials("ghcr.io", options())).toBe(false);
  });

  test("that fails is named, without the password", async () => {
    writeFileSync(join(home, "docker-credential-tests"), "#!/bin/sh\necho locked >&2\nexit 2\n", { mode: 0o755 });
    await expect(storeCredentials("ghcr.io", tester, options())).rejects.toMatchObject({
      code: "unauthorized",
      message: "docker-credential-tests kept no credentials of ghcr.io: locked",
    });
  });
});
