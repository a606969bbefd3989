import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { buildOptions } from "../../../cli/commands/build-options.js";
import { BUILD_FLAGS } from "../../../cli/flags/build-flags.js";
import { callRequest } from "../../../cli/flags/check-flags.js";
import { parseCommandLine } from "../../../cli/flags/parse.js";
import { hostPlatform } from "../../../oci/index.js";

const flagsOf = (words: readonly string[], env = {}) => parseCommandLine(words, BUILD_FLAGS, { env }).flags;
const options = (words: readonly string[], env: Record<string, string> = {}) =>
  buildOptions(flagsOf(words, env), { env, stdout: Object.assign(new PassThrough(), { isTTY: false }) as never });

const { os, architecture } = hostPlatform();

test.each<[words: string[], platform: string]>([
  [["--os=linux", "--arch=arm", "--variant=v6"], "linux/arm/v6"],
  [["--arch=s390x"], `${os}/s390x`],
  [["--os", "windows"], `windows/${architecture}`],
  [["--platform=local,linux/arm64"], "local,linux/arm64"],
])("rows 121, 127: %j is a platform", (words, platform) => {
  expect(options(words, { DOCKER_DEFAULT_PLATFORM: "linux/ppc64le" })).toMatchObject({ platform });
});

test("--platform and its parts exclude each other", () => {
  expect(() => options(["--platform=linux/arm64", "--arch=amd64"])).toThrow("--platform and --os, --arch or --variant");
});

test("row 128: --os-version and --os-feature", () => {
  expect(options(["--os-version=10.0", "--os-feature=win32k", "--os-feature=x-"])).toMatchObject({
    osVersion: "10.0",
    osFeatures: ["win32k", "x-"],
  });
});

test("row 227: --format=docker is about the image, and other formats about a check", () => {
  expect(options(["--format=docker"])).toMatchObject({ format: "docker" });
  expect(callRequest(flagsOf(["--format=oci"]))).toBeUndefined();
  expect(options(["--check", "--format=json"])).not.toHaveProperty("format");
  expect(() => callRequest(flagsOf(["--check", "--format=docker"]))).toThrow("expected a format of");
  expect(() => callRequest(flagsOf(["--format=json"]))).toThrow("--format is a part of --check");
});

test("row 240: --layers=false joins the new layers; --layers is what is done anyway", () => {
  expect(options(["--layers=false"])).toMatchObject({ squash: "new" });
  expect(options(["--layers=false", "--squash=all"])).toMatchObject({ squash: "all" });
  expect(options(["--layers"])).not.toHaveProperty("squash");
});

test("rows 237, 294, 297: --timestamp, annotations of the base image, --source-policy-file", () => {
  expect(
    options(["--timestamp=5", "--inherit-annotations", "--unsetannotation=a", "--source-policy-file=p.json"]),
  ).toMatchObject({ timestamp: 5, inheritAnnotations: true, unsetAnnotations: ["a"], sourcePolicy: "p.json" });
});

test("row 122: --manifest names an index of the store, for images of the store", () => {
  expect(options(["--manifest=both:1"])).toMatchObject({ manifest: "both:1" });
});

test("row 320: --skip-unused-stages=false is refused by name", () => {
  options(["--skip-unused-stages"]);
  expect(() => options(["--skip-unused-stages=false"])).toThrow("--skip-unused-stages=false is not supported");
});

test("with CI=true, an archive goes to stdout only when that is written out", () => {
  expect(() => options(["-o", "type=tar"], { CI: "true" })).toThrow("--output type=tar: dest is missing, and CI=true");
  for (const words of [
    ["-o", "-"],
    ["-o", "type=tar,dest=-"],
    ["-o", "type=tar,dest=x.tar"],
  ])
    options(words, { CI: "true" });
  options(["-o", "type=tar"], { CI: "false" });
});

test.each([["--decryption-key=k"], ["--layer-label=a=b"], ["--encryption-key=k"]])("%s is refused by name", (word) => {
  expect(() => options([word])).toThrow(`${word.split("=")[0]!} is not supported by this version`);
});
