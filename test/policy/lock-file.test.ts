// Lock files (features row 296): policies that pin, and what they do not pin is denied.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import {
  changesOf,
  pinOfImage,
  pinOfRepository,
  pinOfUrl,
  readLock,
  SourceRules,
  writeLock,
} from "../../policy/index.js";
import { parseGitSource } from "../../remote/index.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-lock-"));
afterAll(() => rmSync(directory, { recursive: true }));

const DIGEST = sha256("image");
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const repository = parseGitSource("https://x.org/b.git#main:docs")!;
const odd = { url: "https://x.org/a*b$1" };
const PINS = [
  pinOfUrl({ url: "https://x.org/a" }, sha256("a")),
  pinOfUrl(odd, sha256("odd")),
  pinOfRepository(repository, COMMIT),
  pinOfImage("alpine:3", DIGEST),
];

async function locked(pins = PINS): Promise<SourceRules> {
  const file = join(directory, "Dockerfile.lock");
  await writeLock(file, pins);
  return new SourceRules([readLock(file)]);
}

test("the same pins in any order are the same file, and no other is left", async () => {
  const [one, other] = [join(directory, "one"), join(directory, "other")];
  await writeLock(one, PINS);
  await writeLock(other, PINS.toReversed());
  expect(readFileSync(one, "utf8")).toBe(readFileSync(other, "utf8"));
  expect(JSON.parse(readFileSync(one, "utf8"))).toMatchObject({ version: 1, rules: expect.any(Array) });
  expect(readdirSync(directory).filter((name) => name.includes("tmp"))).toEqual([]);
});

describe("what is locked", () => {
  test("an image is taken by its digest, in any spelling", async () => {
    const rules = await locked();
    for (const name of ["alpine:3", "docker.io/library/alpine:3"])
      expect(rules.image(name)).toBe(`docker.io/library/alpine:3@${DIGEST}`);
  });

  test("a file has its checksum, a repository its commit", async () => {
    const rules = await locked();
    expect(rules.source({ url: "https://x.org/a" })).toEqual({ url: "https://x.org/a", checksum: sha256("a") });
    expect(rules.source(odd)).toEqual({ ...odd, checksum: sha256("odd") });
    expect(rules.source(repository)).toEqual({ ...repository, ref: COMMIT });
  });

  test("what is pinned by itself needs no entry, and is not changed by one", async () => {
    const rules = await locked();
    const other = { url: "https://x.org/a", checksum: sha256("other") };
    expect(rules.source(other)).toEqual(other);
    expect(rules.image(`b@${DIGEST}`)).toBe(`b@${DIGEST}`);
    const commit = { ...repository, remote: "https://y.org/c.git", ref: COMMIT };
    expect(rules.source(commit)).toEqual(commit);
    expect(rules.source({ ...repository, ref: "v2", checksum: COMMIT })).toMatchObject({ ref: "v2", checksum: COMMIT });
  });

  test("everything else is denied by name", async () => {
    const rules = await locked();
    const notLocked = (name: string) =>
      expect.objectContaining({
        code: "not_locked",
        message: expect.stringContaining(`"${name}" is not in the lock file`),
      });
    expect(() => rules.image("alpine:4")).toThrow(notLocked("docker-image://docker.io/library/alpine:4"));
    expect(() => rules.source({ url: "https://x.org/b" })).toThrow(notLocked("https://x.org/b"));
    expect(() => rules.source({ ...repository, ref: "v1" })).toThrow(notLocked("git://x.org/b.git#v1:docs"));
    expect(() => rules.source({ ...repository, ref: "v1", checksum: "0123" })).toThrow(
      notLocked("git://x.org/b.git#v1:docs"),
    );
  });

  test("a rule that someone wrote into it, and that pins nothing, does not help", async () => {
    const file = join(directory, "edited");
    const allow = { action: "ALLOW", selector: { identifier: "*" } };
    writeFileSync(file, JSON.stringify({ version: 1, rules: [allow] }));
    expect(() => new SourceRules([readLock(file)]).image("alpine")).toThrow("is not in the lock file");
  });
});

test("there must be a lock file", () => {
  expect(() => readLock(join(directory, "none"))).toThrow(
    expect.objectContaining({ code: "not_locked", hint: "Run tsbuild lock with the options of this build." }),
  );
});

test("changes are told by what is pinned", async () => {
  const file = join(directory, "changes");
  expect(changesOf(file, [PINS[0]!])).toEqual([{ kind: "added", source: "https://x.org/a", to: sha256("a") }]);
  await writeLock(file, PINS);
  expect(changesOf(file, PINS)).toEqual([]);
  expect(
    changesOf(file, [pinOfImage("alpine:3", sha256("new")), pinOfRepository(repository, COMMIT), PINS[1]!]),
  ).toEqual([
    { kind: "changed", source: "docker-image://docker.io/library/alpine:3", from: DIGEST, to: sha256("new") },
    { kind: "removed", source: "https://x.org/a", from: sha256("a") },
  ]);
});

test.each([
  ['{\n "version": 1,\n "rules": [\n', /line 3, found " .*rules.*"$/],
  ['{"version": 1, "rules": [{"action": "FOO", "selector": {"identifier": "*"}}]}', /rule 1/],
])("a damaged lock file is told with what helps: %j", (text, place) => {
  const file = join(directory, "damaged");
  writeFileSync(file, text);
  for (const use of [() => readLock(file), () => changesOf(file, PINS)])
    expect(use).toThrow(
      expect.objectContaining({
        code: "bad_policy",
        message: expect.stringMatching(place),
        hint: "Mend it, or delete it: tsbuild lock makes it anew.",
      }),
    );
});

test("what is no lock file is not written over unseen", async () => {
  const file = join(directory, "package.json");
  writeFileSync(file, '{"name": "x"}');
  expect(() => changesOf(file, PINS)).toThrow(expect.objectContaining({ code: "bad_policy" }));
  await expect(writeLock(join(directory, "no/such/folder"), PINS)).rejects.toThrow("cannot write the lock file");
});
