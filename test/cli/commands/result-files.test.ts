import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BuildView } from "../../../cli/progress/view.js";
import { metadataProvenance, writeResultFiles } from "../../../cli/commands/result-files.js";
import { BUILD_FLAGS } from "../../../cli/flags/build-flags.js";
import { parseCommandLine } from "../../../cli/flags/parse.js";
import type { BuildResult } from "../../../index.js";
import { sha256 } from "../../../oci/index.js";

const flagsOf = (...words: string[]) => parseCommandLine(words, BUILD_FLAGS).flags;

const IMAGE = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: sha256("image"), size: 5 };

const RESULT: BuildResult = {
  descriptor: IMAGE,
  imageId: sha256("config"),
  config: {} as BuildResult["config"],
  platforms: ["linux/amd64"],
  provenance: { "linux/amd64": { buildType: "t" } },
  isImage: true,
  id: "b1",
  names: ["docker.io/library/app:1"],
};

async function written(flag: string, result: BuildResult): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-files-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "file");
  await writeResultFiles(result, { view: new BuildView(), env: {} }, flagsOf(flag, file));
  return readFileSync(file, "utf8");
}

test("row 226: the metadata file has the provenance, of several platforms one for each", async () => {
  expect(JSON.parse(await written("--metadata-file", RESULT))).toEqual({
    "buildx.build.provenance": { buildType: "t" },
    "buildx.build.ref": "tsbuild/tsbuild0/b1",
    "containerimage.config.digest": RESULT.imageId,
    "containerimage.descriptor": IMAGE,
    "containerimage.digest": IMAGE.digest,
    "image.name": "docker.io/library/app:1",
  });
  const provenance = { "linux/amd64": { buildType: "a" }, "linux/arm64": { buildType: "b" } };
  const both = { ...RESULT, platforms: ["linux/amd64", "linux/arm64"], provenance };
  expect(JSON.parse(await written("--metadata-file", both))).toMatchObject({
    "buildx.build.provenance/linux/amd64": { buildType: "a" },
    "buildx.build.provenance/linux/arm64": { buildType: "b" },
  });
});

test.each([
  [undefined, "min"],
  ["min", "min"],
  ["max", "max"],
  ["what", "min"],
  ["disabled", undefined],
  ["false", undefined],
])("row 226: BUILDX_METADATA_PROVENANCE=%s records %s", (asked, mode) => {
  const env = { BUILDX_METADATA_PROVENANCE: asked };
  expect(metadataProvenance(flagsOf("--metadata-file", "m.json"), env)).toEqual(mode ? { recordProvenance: mode } : {});
  expect(metadataProvenance(flagsOf(), env)).toEqual({});
});
