import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { ask } from "../../../cli/commands/ask.js";
import { credentialsFor, parseCredentials, registryOptions } from "../../../cli/commands/registry-options.js";
import { parseCommandLine } from "../../../cli/flags/parse.js";
import { credentialsFlag, REGISTRY_FLAGS } from "../../../cli/flags/registry-flags.js";
import type { Io } from "../../../cli/io.js";

const flags = (...words: string[]) =>
  parseCommandLine(words, { flags: [...REGISTRY_FLAGS, credentialsFlag("creds", "x")], refused: [] }).flags;

/** A terminal on which `typed` is typed, or a pipe. */
function world(typed: string, isTTY = true) {
  const raw: boolean[] = [];
  const stdin = Object.assign(Readable.from([Buffer.from(typed)]), {
    isTTY,
    setRawMode: (on: boolean) => raw.push(on),
  });
  const said: string[] = [];
  const stderr = { write: (text: string) => said.push(text) };
  return { io: { stdin, stderr } as unknown as Io, raw, said };
}

describe("registryOptions()", () => {
  test("without flags leaves everything to the defaults", () => {
    expect(registryOptions(flags())).toEqual({ insecureRegistries: [], registryMirrors: {} });
  });

  test("reads every flag", () => {
    const words =
      "--insecure-registry a.example --tls-verify=false --cert-dir /c --authfile /a --registries-conf /r --retry 0 --retry-delay 2s --transfers 3 --limit-rate 1m --upload-chunk 5m";
    expect(registryOptions(flags(...words.split(" ")))).toEqual({
      insecureRegistries: ["a.example"],
      tlsVerify: false,
      certificateDirectory: "/c",
      authFile: "/a",
      registriesConf: "/r",
      retries: 0,
      retryDelay: 2000,
      transfers: 3,
      limitRate: 1 << 20,
      uploadChunk: 5 << 20,
      registryMirrors: {},
    });
  });

  test.each([
    [["mirror.example"], { "docker.io": ["mirror.example"] }, []],
    [["https://mirror.example/"], { "docker.io": ["mirror.example"] }, []],
    [["ghcr.io=m.example:5000/ghcr", "ghcr.io=n.example"], { "ghcr.io": ["m.example:5000/ghcr", "n.example"] }, []],
    [["docker.io=http://10.0.0.1:80/hub"], { "docker.io": ["10.0.0.1:80/hub"] }, ["10.0.0.1:80"]],
  ])("--registry-mirror %j", (values, mirrors, insecure) => {
    const options = registryOptions(flags(...values.map((value) => `--registry-mirror=${value}`)));
    expect(options.registryMirrors).toEqual(mirrors);
    expect(options.insecureRegistries).toEqual(insecure);
  });

  test.each(["", "=", "a=", "ftp://x", "a b", "x/../../y"])("--registry-mirror=%j is refused", (value) => {
    expect(() => registryOptions(flags(`--registry-mirror=${value}`))).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });
});

describe("credentials", () => {
  test("are for the registries of the names", async () => {
    const { io, said } = world("");
    const { credentials } = await credentialsFor(["app:1", "reg.example/x"], flags("--creds", "me:a:b"), io);
    const me = { username: "me", password: "a:b" };
    expect(credentials).toEqual({ "docker.io": me, "reg.example": me });
    expect(said.join()).not.toContain("a:b");
  });

  test("without a name are refused", async () => {
    await expect(credentialsFor([], flags("--creds", "me:x"), world("").io)).rejects.toMatchObject({ code: "usage" });
  });

  test("without a password ask for it, and show nothing of it", async () => {
    const { io, raw, said } = world("hunter3\u007f2\r");
    expect(await parseCredentials("me", "--creds", io)).toEqual({ username: "me", password: "hunter2" });
    expect(said).toEqual(["Password: ", "\n"]);
    expect(raw).toEqual([true, false]);
  });
});

describe("ask()", () => {
  test("Ctrl-C ends it", async () => {
    const { io, raw } = world("abc\u0003");
    await expect(ask("? ", io, { hidden: true, otherwise: "x." })).rejects.toMatchObject({ code: "interrupted" });
    expect(raw).toEqual([true, false]);
  });

  test("needs a terminal, and says what else to do", async () => {
    await expect(ask("? ", world("x\n", false).io, { otherwise: "Do that." })).rejects.toMatchObject({
      code: "usage",
      hint: "Do that.",
    });
  });
});
