// Secrets stay secret (features rows 274 and 277): a step prints its secret in every way, and fails; then nothing that the build
// said, wrote or kept has it.

import { existsSync, readFileSync } from "node:fs";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "../../helpers/cli.js";
import { baseImageFlags } from "../../helpers/images.js";

const VALUE = "s3cr3t/va+lue=99";
const LINES = "-----BEGIN KEY-----\nfirst-line-of-it\nsecond-line-of-it\n";
const FORMS = [
  VALUE,
  Buffer.from(VALUE).toString("base64").replace(/=+$/, ""),
  Buffer.from(VALUE).toString("base64url"),
  encodeURIComponent(VALUE),
  "second-line-of-it",
];

const workspace = new Workspace();
let flags: string[];
beforeAll(async () => {
  const directory = workspace.files("secrets", { one: VALUE, lines: LINES });
  const secrets = ["one", "lines"].map((id) => `--secret=id=${id},src=${directory}/${id}`);
  flags = [...secrets, ...(await baseImageFlags("busybox"))];
});
afterAll(() => workspace.remove());

const LOUD = `FROM busybox
RUN --mount=type=secret,id=one --mount=type=secret,id=lines \\
    S=$(cat /run/secrets/one); \\
    printf s3cr; sleep 0.1; printf 3t/va; sleep 0.1; echo +lue=99; \\
    echo "$S" >&2; echo "$S$S"; printf %s "$S" | base64; echo "$S" | base64; printf "user:$S" | base64; \\
    printf %s "$S" | base64 | tr +/ -_; echo ${encodeURIComponent(VALUE)}; \\
    cat /run/secrets/lines; while read line; do echo "<$line>"; done </run/secrets/lines; \\
    : '${VALUE}'; END
`;

function build(name: string, end: string, ...more: string[]) {
  const context = workspace.files(name, { Dockerfile: LOUD.replace("END", end) });
  return workspace.run(["build", "--no-cache", ...more, ...flags, context]);
}

const formsIn = (text: string) => FORMS.filter((form) => text.includes(form));

/** Names of files below a directory that have one of the forms. */
function filesWithForms(directory: string): string[] {
  const patterns = FORMS.flatMap((form) => ["-e", form]);
  return spawnSync("grep", ["-rlaF", ...patterns, directory], { encoding: "utf8" })
    .stdout.split("\n")
    .filter(Boolean);
}

/** All text of rawjson, of which logs and sources are in base64. */
const decoded = (lines: string) =>
  lines.replace(/"data":"([^"]*)"/g, (_, text: string) => Buffer.from(text, "base64").toString());

describe.each(["plain", "rawjson"])("with --progress=%s", (progress) => {
  test("a step that fails says why, in a log, an excerpt and a whole log without secrets", async () => {
    const { code, stdout, stderr } = await build(`fails-${progress}`, "exit 3", `--progress=${progress}`);
    expect(code).toBe(1);
    expect(stderr).toContain("exit code: 3");
    expect(formsIn(stdout + decoded(stderr))).toEqual([]);
    expect(decoded(stderr)).toContain("***");
    expect(filesWithForms(join(workspace.home))).toEqual([]);
  });
});

test("a step that keeps its secret in a file is not saved, and still says why it failed", async () => {
  const bundle = join(workspace.path, "kept.tar");
  const { code, stderr } = await build("kept", 'echo "$S" >/kept; exit 3', `--on-error=save=${bundle}`);
  expect(code).toBe(1);
  expect(stderr).toMatch(/warning: the failed step is not saved in \S+: the value of the secret "one" is in /);
  expect(stderr).toContain("exit code: 3");
  expect(existsSync(bundle)).toBe(false);
  expect(filesWithForms(join(workspace.home, "builds"))).toEqual([]);
});

test("a step that only used its secret is saved without it", async () => {
  const bundle = join(workspace.path, "used.tar");
  const context = workspace.files("used", {
    Dockerfile:
      'FROM busybox\nRUN --mount=type=secret,id=one,env=TOKEN test -n "$TOKEN"; echo "$TOKEN" | wc -c >/count; exit 4\n',
  });
  const { stderr } = await workspace.run(["build", `--on-error=save=${bundle}`, ...flags, context]);
  expect(stderr).toContain("exit code: 4");
  const directory = workspace.files("bundle", { "a-file": "" });
  execFileSync("tar", ["-xf", bundle, "-C", directory]);
  expect(filesWithForms(directory)).toEqual([]);
});

test("what a build writes of an image that used a secret has it nowhere", async () => {
  const metadata = join(workspace.path, "metadata.json");
  const archive = join(workspace.path, "image.tar");
  const more = [`--metadata-file=${metadata}`, `--output=type=oci,dest=${archive}`, `--progress=rawjson`];
  const context = workspace.files("good", {
    Dockerfile: 'FROM busybox\nRUN --mount=type=secret,id=one,env=TOKEN echo "$TOKEN" | wc -c >/count\n',
  });
  const { stderr } = await workspace.expectSuccess(["build", ...more, ...flags, context]);
  expect(formsIn(decoded(stderr) + readFileSync(metadata, "utf8"))).toEqual([]);
  expect(filesWithForms(archive)).toEqual([]);
  expect(filesWithForms(workspace.home)).toEqual([]);
});

test("a cache mount with a secret is not saved elsewhere, and a secret too short to look for is told", async () => {
  const step =
    "RUN --mount=type=secret,id=one --mount=type=secret,id=pin --mount=type=cache,target=/c cp /run/secrets/one /c/kept";
  const context = workspace.files("saved", { Dockerfile: `FROM busybox\n${step}\n`, pin: "1234" });
  const place = join(workspace.path, "saved-mounts");
  const more = [`--secret=id=pin,src=${context}/pin`, `--cache-mounts-to=type=local,dest=${place}`];
  const { code, stderr } = await workspace.run(["build", "--progress=plain", ...more, ...flags, context]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('the cache mount "/c" is not saved: the value of the secret "one" is in the file "/kept"');
  expect(stderr).toContain('the secret "pin" is too short to be looked for in layers');
  expect(existsSync(place) && filesWithForms(place).length > 0).toBe(false);
});
