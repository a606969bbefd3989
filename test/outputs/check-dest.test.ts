import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkDestinations, type OutputSpec } from "../../outputs/index.js";

const folder = mkdtempSync(join(tmpdir(), "tsbuild-dest-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
mkdirSync(at("there"));
writeFileSync(at("file"), "");
symlinkSync("there", at("link"));

const oci = (name: string): OutputSpec => ({ type: "oci", dest: at(name) });
const local = (name: string): OutputSpec => ({ type: "local", dest: at(name) });

test.each<[what: string, outputs: readonly OutputSpec[]]>([
  ["folders that are made", [oci("a/b/c.tar"), local("d/e")]],
  [
    "a device, twice",
    [
      { type: "tar", dest: "/dev/null" },
      { type: "oci", dest: "/dev/null" },
    ],
  ],
  ["two files of one folder", [oci("there/1"), oci("link/2"), local("there")]],
])("%s: accepted", (_what, outputs) => {
  expect(() => checkDestinations(outputs)).not.toThrow();
});

test.each<[what: string, outputs: readonly OutputSpec[], code: string, message: string]>([
  ["a folder below a file", [local("file/a")], "output_failed", "ENOTDIR"],
  ["the same file", [oci("x.tar"), { type: "docker", dest: at("./x.tar") }], "usage", "two outputs"],
  ["the same file by a link", [oci("there/x"), oci("link/x")], "usage", "two outputs"],
  ["the same folder", [local("there"), local("link")], "usage", "two outputs"],
])("%s: refused", (_what, outputs, code, message) => {
  expect(() => checkDestinations(outputs)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});
