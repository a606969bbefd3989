import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askHelper } from "../../registry-client/credential-helper.js";
import { loadKeychain } from "../../registry-client/index.js";

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "tsbuild-keychain-"))));
afterEach(() => rmSync(home, { recursive: true }));

const auth = (user: string, password: string) => ({ auth: Buffer.from(`${user}:${password}`).toString("base64") });

function write(path: string, content: object | string): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

/** A process that has ended and was not waited for counts as ended. */
function isRunning(pid: string): boolean {
  const [, state] = existsSync(`/proc/${pid}/stat`) ? / (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))! : [];
  return state !== undefined && state !== "Z";
}

const ask = (registry: string, repository = "team/app", environment: Record<string, string> = {}) =>
  loadKeychain({ HOME: home, PATH: `${home}/bin:${process.env.PATH}`, ...environment }).credentials(
    registry,
    repository,
  );

describe("S-199: names of registries", () => {
  test.each(["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"])(
    "Docker Hub's credentials may be under %s",
    async (key) => {
      write(".docker/config.json", { auths: { [key]: auth("hub", "pass") } });
      expect(await ask("docker.io", "library/alpine")).toEqual({ username: "hub", password: "pass" });
    },
  );

  test.each(["ghcr.io", "https://ghcr.io", "https://ghcr.io/", "https://ghcr.io/v2/"])(
    "those of another registry under %s",
    async (key) => {
      write(".docker/config.json", { auths: { [key]: auth("me", "with:colon") } });
      expect(await ask("ghcr.io")).toEqual({ username: "me", password: "with:colon" });
      expect(await ask("ghcr.io:5000")).toBeUndefined();
    },
  );

  test("Podman's entries for a path win over those of the host, the longest first", async () => {
    write(".config/containers/auth.json", {
      auths: { "quay.io": auth("host", "1"), "quay.io/team": auth("team", "2"), "quay.io/team/app": auth("app", "3") },
    });
    expect(await ask("quay.io", "team/app")).toMatchObject({ username: "app" });
    expect(await ask("quay.io", "team/other")).toMatchObject({ username: "team" });
    expect(await ask("quay.io", "teammate/app")).toMatchObject({ username: "host" });
  });
});

describe("places", () => {
  const sources: [string, (content: object) => Record<string, string>][] = [
    ["REGISTRY_AUTH_FILE", (content) => ({ REGISTRY_AUTH_FILE: write("a.json", content) })],
    ["DOCKER_CONFIG", (content) => ({ DOCKER_CONFIG: dirname(write("docker/config.json", content)) })],
    ["~/.docker/config.json", (content) => (write(".docker/config.json", content), {})],
    [
      "XDG_RUNTIME_DIR",
      (content) => (write("run/containers/auth.json", content), { XDG_RUNTIME_DIR: join(home, "run") }),
    ],
    ["~/.config/containers/auth.json", (content) => (write(".config/containers/auth.json", content), {})],
    ["DOCKER_AUTH_CONFIG", (content) => ({ DOCKER_AUTH_CONFIG: JSON.stringify(content) })],
  ];

  test.each(sources)("%s is read", async (_name, place) => {
    expect(await ask("ghcr.io", "app", place({ auths: { "ghcr.io": auth("me", "pass") } }))).toEqual({
      username: "me",
      password: "pass",
    });
  });

  test("the first place that knows the registry counts", async () => {
    write(".docker/config.json", { auths: { "ghcr.io": auth("docker", "1"), "quay.io": {} } });
    write(".config/containers/auth.json", {
      auths: { "ghcr.io": auth("podman", "2"), "quay.io": auth("podman", "2") },
    });
    expect(await ask("ghcr.io")).toMatchObject({ username: "docker" });
    expect(await ask("quay.io")).toMatchObject({ username: "podman" });
    expect(await ask("example.com")).toBeUndefined();
  });

  test.each([
    ["no JSON", "hunter2 {", /^credentials in .*config\.json: expected JSON$/],
    [
      "the wrong shape",
      '{"auths":{"hunter2":{"auth":["hunter2"]}}}',
      /^credentials in .*config\.json: expected string at auths$/,
    ],
    [
      "no colon",
      JSON.stringify({ auths: { "ghcr.io": { auth: Buffer.from("hunter2").toString("base64") } } }),
      /expected base64 of user:password in auths of ghcr\.io$/,
    ],
  ])("a file with %s is named, and none of it shown", async (_what, content, message) => {
    write(".docker/config.json", content);
    const failure: Error = await ask("ghcr.io").then(
      () => new Error("no failure"),
      (error) => error,
    );
    expect(failure).toMatchObject({ code: "unauthorized", message: expect.stringMatching(message) });
    expect(failure.message).not.toContain("hunter2");
  });
});

test("S-200: identity and registry tokens", async () => {
  write(".docker/config.json", {
    auths: {
      "a.io": { auth: "", identitytoken: "refresh" },
      "b.io": { registrytoken: "bearer" },
      "c.io": { username: "u", password: "p" },
    },
  });
  expect(await ask("a.io")).toEqual({ identityToken: "refresh" });
  expect(await ask("b.io")).toEqual({ registryToken: "bearer" });
  expect(await ask("c.io")).toEqual({ username: "u", password: "p" });
});

describe("S-200: credential helpers", () => {
  /** Writes the program docker-credential-NAME. Its input is kept in NAME.asked. */
  function helper(name: string, script: string): void {
    const file = write(
      `bin/docker-credential-${name}`,
      `#!/bin/sh\n[ "$1" = get ] || exit 9\ncat > ${home}/${name}.asked\n${script}\n`,
    );
    chmodSync(file, 0o755);
  }
  const answers = (user: string, secret: string) =>
    `echo '${JSON.stringify({ ServerURL: "x", Username: user, Secret: secret })}'`;
  const asked = (name: string) => readFileSync(join(home, `${name}.asked`), "utf8").trim();

  test("credHelpers win over credsStore, and both over auths", async () => {
    helper("one", answers("one", "1"));
    helper("two", answers("two", "2"));
    write(".docker/config.json", {
      credHelpers: { "ghcr.io": "one" },
      credsStore: "two",
      auths: { "ghcr.io": auth("three", "3"), "quay.io": auth("three", "3") },
    });
    expect(await ask("ghcr.io")).toEqual({ username: "one", password: "1" });
    expect(await ask("quay.io")).toEqual({ username: "two", password: "2" });
    expect([asked("one"), asked("two")]).toEqual(["ghcr.io", "quay.io"]);
  });

  test("Docker Hub is asked for by its old address", async () => {
    helper("store", answers("hub", "1"));
    write(".docker/config.json", { credsStore: "store" });
    expect(await ask("docker.io")).toEqual({ username: "hub", password: "1" });
    expect(asked("store")).toBe("https://index.docker.io/v1/");
  });

  test("the user <token> has an identity token", async () => {
    helper("store", answers("<token>", "refresh"));
    write(".docker/config.json", { credsStore: "store" });
    expect(await ask("ghcr.io")).toEqual({ identityToken: "refresh" });
  });

  test("a helper that knows nothing leaves it to auths, or the anonymous", async () => {
    helper("store", "echo 'credentials not found in native keychain'; exit 1");
    write(".docker/config.json", { credsStore: "store", auths: { "ghcr.io": auth("me", "pass") } });
    expect(await ask("ghcr.io")).toEqual({ username: "me", password: "pass" });
    expect(await ask("quay.io")).toBeUndefined();
  });

  test.each([
    [
      "fails",
      "echo 'keychain is locked' >&2; exit 3",
      "docker-credential-store gave no credentials of ghcr.io: keychain is locked",
    ],
    ["says nothing", "exit 4", "docker-credential-store gave no credentials of ghcr.io: exit code 4"],
    [
      "answers nonsense",
      "echo hunter2",
      "docker-credential-store gave no credentials of ghcr.io: expected JSON with Username and Secret",
    ],
    [
      "says without end",
      "cat /dev/zero",
      "docker-credential-store gave no credentials of ghcr.io: it said more than 1 MiB",
    ],
    ["dies", "kill -SEGV $$", "docker-credential-store gave no credentials of ghcr.io: ended by SIGSEGV"],
  ])("a helper that %s is unauthorized", async (_what, script, message) => {
    helper("store", script);
    write(".docker/config.json", { credsStore: "store" });
    await expect(ask("ghcr.io")).rejects.toMatchObject({ code: "unauthorized", message });
  });

  test("a helper that does not end is waited for so long, and ends then with what it started", async () => {
    helper("slow", `(sleep 1000) & echo $! > ${home}/started; sleep 1000`);
    const environment = { PATH: `${home}/bin:${process.env.PATH}` };
    await expect(askHelper("slow", "ghcr.io", { environment, origin: "x", timeout: 300 })).rejects.toMatchObject({
      message: "docker-credential-slow gave no credentials of ghcr.io: no answer in 0.3 s",
    });
    const pid = readFileSync(join(home, "started"), "utf8").trim();
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("a helper that answers and leaves a process behind has answered", async () => {
    helper("store", `(sleep 60) & ${answers("me", "1")}; echo $! > ${home}/left`);
    write(".docker/config.json", { credsStore: "store" });
    expect(await ask("ghcr.io")).toEqual({ username: "me", password: "1" });
    process.kill(Number(readFileSync(join(home, "left"), "utf8")));
  });

  test("a helper that is not installed is named with the file that wants it", async () => {
    const file = write(".docker/config.json", { credsStore: "desktop" });
    await expect(ask("ghcr.io")).rejects.toMatchObject({
      code: "unauthorized",
      message: "cannot ask docker-credential-desktop for the credentials of ghcr.io: it is not installed",
      hint: `Install docker-credential-desktop, or remove it from ${file}.`,
    });
  });

  test("a helper's name is no path", async () => {
    write(".docker/config.json", { credsStore: "../../bin/sh" });
    await expect(ask("ghcr.io")).rejects.toMatchObject({ code: "unauthorized" });
  });
});
