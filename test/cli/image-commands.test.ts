// Flags of podman, buildah and skopeo on the commands about images.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../cli/command-line.js";
import { Layout } from "../../cache/index.js";

const folder = mkdtempSync(join(tmpdir(), "tsbuild-image-commands-"));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

async function run(words: readonly string[], env = {}) {
  const stdout = new PassThrough();
  const out: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => out.push(chunk));
  let stderr = "";
  const { code } = await runCommandLine(words, {
    stdin: Readable.from([]),
    stdout,
    stderr: { write: (text: string | Uint8Array) => void (stderr += Buffer.from(text as string).toString()) },
    env: { TSBUILD_HOME: at("home"), ...env },
    signal: new AbortController().signal,
    signals: () => () => {},
  });
  await new Promise(setImmediate);
  return { code, stdout: Buffer.concat(out).toString(), stderr };
}

beforeAll(async () => {
  writeFileSync(at("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
  for (const [tag, date] of [
    ["old:1", "1000000000"],
    ["new:1", "1700000000"],
  ])
    await run(["-q", "-t", tag!, "--source-date-epoch", date!, "--label", `of=${tag}`, folder]);
});

describe("images (row 327)", () => {
  test("--json is one array with the fields of buildah", async () => {
    const { stdout } = await run(["images", "--json"]);
    const images = JSON.parse(stdout) as { names: string[]; id: string; created: number; readonly: boolean }[];
    expect(images.map(({ names }) => names)).toEqual([["new:1"], ["old:1"]]);
    expect(images[1]).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{64}$/), created: 1e9, readonly: false });
  });

  test("--noheading leaves the headings out", async () => {
    expect((await run(["images", "--noheading"])).stdout).toMatch(/^new +1 .*\nold +1 .*\n$/);
    expect((await run(["images", "-n", "none"])).stdout).toBe("");
  });

  test.each([
    ["until=2010-01-01", ["old"]],
    ["until=1000000001", ["old"]],
    ["until=24h", ["new", "old"]],
    ["until=2001-01-01T00:00:00Z", []],
    ["readonly=true", []],
    ["readonly=false", ["new", "old"]],
  ])("--filter %s", async (filter, expected) => {
    const { stdout } = await run(["images", "--filter", filter, "--format", "{{.Repository}}"]);
    expect(stdout.split("\n").filter(Boolean)).toEqual(expected);
  });

  test("--filter id= is the beginning of an ID; a time that is none is refused", async () => {
    const { stdout } = await run(["images", "-q", "--no-trunc", "old"]);
    for (const id of [stdout.trim(), stdout.slice(7, 13)])
      expect((await run(["images", "--filter", `id=${id}`, "--format", "{{.Repository}}"])).stdout).toBe("old\n");
    expect((await run(["images", "--filter", "until=soon"])).code).toBe(125);
  });
});

describe("save and load (row 330)", () => {
  test("an image layout in a folder is saved, and loaded with its name", async () => {
    expect(await run(["save", "-m", "--format=oci-dir", "-o", at("layout"), "old:1"])).toMatchObject({ code: 0 });
    const other = { TSBUILD_HOME: at("other") };
    expect((await run(["load", "-i", at("layout")], other)).stdout).toBe("Loaded image: old:1\n");
    expect((await run(["inspect", "--format", "{{.Config.Labels.of}}", "old:1"], other)).stdout).toBe("old:1\n");
    expect((await new Layout(at("layout")).resolve("old:1"))?.digest).toMatch(/^sha256:/);
  });

  test("a layout that was tampered with is refused, and stays as it is", async () => {
    await run(["save", "--format=oci-dir", "-o", at("wrong"), "old:1"]);
    const { manifests } = JSON.parse(readFileSync(at("wrong/index.json"), "utf8")) as {
      manifests: { digest: string }[];
    };
    writeFileSync(at(`wrong/blobs/sha256/${manifests[0]!.digest.slice(7)}`), "{}");
    const { code, stderr } = await run(["load", "-i", at("wrong")], { TSBUILD_HOME: at("third") });
    expect([code, stderr]).toEqual([1, expect.stringContaining("ERROR: ")]);
    expect((await run(["images", "-n"], { TSBUILD_HOME: at("third") })).stdout).toBe("");
  });

  test("--platform of an archive takes that image, and refuses another", async () => {
    await run(["save", "--format=oci", "-o", at("o.tar"), "old:1"]);
    const own = process.arch === "x64" ? "linux/amd64" : "linux/arm64";
    expect((await run(["load", "--platform", own, "-i", at("o.tar")])).stdout).toBe("Loaded image: old:1\n");
    const { code, stderr } = await run(["load", "--platform", "linux/s390x", "-i", at("o.tar")]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("linux/s390x")]);
  });

  test("--compress is refused by name", async () => {
    expect((await run(["save", "--compress", "old:1"])).stderr).toContain("tsbuild copy docker://NAME oci:DIR");
  });
});

describe("copy (row 338)", () => {
  test("--digestfile, --override-arch, --multi-arch and --preserve-digests", async () => {
    const copy = (...words: string[]) => run(["copy", "-q", ...words, "store:old:1", `oci:${at("copied")}:x`]);
    const { stdout } = await copy("--digestfile", at("digest"), "--preserve-digests", "--multi-arch=system");
    expect(readFileSync(at("digest"), "utf8")).toBe(stdout.trim());
    expect((await copy("--override-arch", "arm64", "--platform", "linux/arm64")).code).toBe(125);
    expect((await copy("--multi-arch=all", "--override-os", "linux")).code).toBe(125);
    expect((await copy("--src-tls-verify=false")).stderr).toContain("--src-tls-verify is for a registry");
    const archive = `docker-archive:${at("d.tar")}`;
    expect((await run(["copy", "--preserve-digests", "store:old:1", archive])).code).toBe(125);
  });

  test.each(["--format=v2s2", "--dest-compress-format=zstd", "--sign-by=key"])(
    "%s is refused by name",
    async (flag) => {
      const { code, stderr } = await run(["copy", flag, "store:old:1", `oci:${at("copied")}`]);
      expect([code, stderr]).toEqual([125, expect.stringMatching(/is not supported by this version\nhint: [A-Z]/)]);
    },
  );
});

describe("login and logout (row 339)", () => {
  const file = at("auth.json");
  const auth = Buffer.from("me:secret").toString("base64");

  test("--get-login tells who is logged in, and asks nobody", async () => {
    writeFileSync(file, JSON.stringify({ auths: { "reg.invalid": { auth } } }));
    expect(await run(["login", "--authfile", file, "--get-login", "reg.invalid"])).toMatchObject({
      code: 0,
      stdout: "me\n",
    });
    expect(await run(["login", "--authfile", file, "--get-login", "other.invalid"])).toMatchObject({
      code: 1,
      stderr: "ERROR: not logged in to other.invalid\n",
    });
  });

  test("--all forgets all registries, paths in them too", async () => {
    const auths = { "reg.invalid": { auth }, "https://index.docker.io/v1/": { auth }, "a.invalid/team": { auth } };
    writeFileSync(file, JSON.stringify({ auths, other: 1 }));
    const { stdout } = await run(["logout", "--authfile", file, "--all"]);
    expect(stdout).toBe("Removed login credentials for 3 registries\n");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ auths: {}, other: 1 });
    expect((await run(["logout", "--all", "reg.invalid"])).code).toBe(125);
  });
});

describe("rmi (row 329)", () => {
  const left = async () => (await run(["images", "-n", "--format", "{{.Repository}}"])).stdout;

  test("--prune removes what has no name, --all all; names beside them are refused", async () => {
    await run(["-q", "-t", "new:1", "--label", "of=newer", folder]);
    expect(await left()).toContain("<none>");
    expect((await run(["rmi", "--prune"])).code).toBe(0);
    expect((await left()).split("\n").toSorted()).toEqual(["", "new", "old"]);
    for (const words of [["--all", "old:1"], []]) expect((await run(["rmi", ...words])).code).toBe(125);
    expect((await run(["rmi", "-a"])).stdout).toContain("Untagged: old:1\n");
    expect(await left()).toBe("");
  });
});
