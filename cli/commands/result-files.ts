// Files that say what a build made: --iidfile and --metadata-file.
// https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file

import { rm } from "node:fs/promises";
import type { BuildResult } from "../../index.js";
import type { FlagValues } from "../flags/flag-values.js";
import type { Io } from "../io.js";
import { cannotWrite, isReplaceable, replaceFile } from "./replace-file.js";
import { warningRow } from "../progress/rawjson.js";
import type { Warning } from "../progress/view.js";

/** What the files tell beside the result of the build. */
export interface ResultDetails {
  readonly warnings: readonly Warning[];
  readonly env: Io["env"];
}

/** A file of an earlier build must not be taken for this one's. @throws output_failed */
export async function removeStale(flags: FlagValues): Promise<void> {
  for (const path of [flags.text("iidfile"), flags.text("metadata-file")]) {
    if (path !== undefined && isReplaceable(path))
      await rm(path, { force: true }).catch((cause) => cannotWrite(path, cause));
  }
}

/** @throws output_failed */
export async function writeResultFiles(result: BuildResult, details: ResultDetails, flags: FlagValues): Promise<void> {
  const iidfile = flags.text("iidfile");
  const metadataFile = flags.text("metadata-file");
  if (iidfile !== undefined) await replaceFile(iidfile, result.imageId);
  if (metadataFile !== undefined)
    await replaceFile(metadataFile, `${JSON.stringify(metadata(result, details), null, 2)}\n`);
}

/** The reference has the three parts of buildx's: builder, node, build. Warnings are there when BUILDX_METADATA_WARNINGS asks for them. */
function metadata(
  { descriptor, imageId, names, isImage, id, platforms }: BuildResult,
  { warnings, env }: ResultDetails,
): object {
  const isAsked = /^(?:1|t|true)$/i.test(env["BUILDX_METADATA_WARNINGS"] ?? "");
  return {
    ...(isAsked && warnings.length > 0 && { "buildx.build.warnings": warnings.map(warningRow) }),
    "buildx.build.ref": `tsbuild/tsbuild0/${id}`,
    ...(isImage && {
      ...(platforms.length === 1 && { "containerimage.config.digest": imageId }),
      "containerimage.descriptor": descriptor,
      "containerimage.digest": descriptor.digest,
    }),
    ...(names.length > 0 && { "image.name": names.join(",") }),
  };
}
