// Files that say what a build made: --iidfile, --iidfile-raw, --digestfile and --metadata-file.
// https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file

import { existsSync, statSync } from "node:fs";
import { access, constants, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { BuildOptions, BuildResult, OutputSpec } from "../../index.js";
import type { FlagValues } from "../flags/flag-values.js";
import { parseOutput } from "../flags/output-spec.js";
import { platformsOf } from "../flags/platform-flags.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { cannotWrite, isReplaceable, replaceFile } from "../../internal.js";
import { warningRows } from "../progress/rawjson.js";
import type { BuildView } from "../progress/view.js";

/** The flags that name them. */
const RESULT_FILES = ["iidfile", "iidfile-raw", "digestfile", "metadata-file"] as const;

/** What the files tell beside the result of the build. */
export interface ResultDetails {
  readonly view: Pick<BuildView, "warnings" | "steps">;
  readonly env: Io["env"];
}

/**
 * Before the build: whether the files can be written when it is done. A file of an earlier build must not be taken for this one's.
 * @throws output_failed; usage when two of them are one
 */
export async function prepareResultFiles(flags: FlagValues): Promise<void> {
  if (flags.text("iidfile-raw") !== undefined && (flags.bool("all-platforms") || platformsOf(flags).includes(",")))
    throw usageError("--iidfile-raw is for the image of one platform", "Use --iidfile, or build one platform.");
  const paths = RESULT_FILES.map((name) => flags.text(name)).filter((path) => path !== undefined);
  const dests = flags.list("output").map(parseOutput).flatMap(destOf);
  for (const [position, path] of paths.entries()) {
    const others = [...paths.slice(0, position), ...dests].map((other) => resolve(other));
    if (isReplaceable(path) && others.includes(resolve(path)))
      throw usageError(`two files are to be written to "${path}"`, "Give each a path of its own.");
    await prepare(path, dests).catch((cause) => {
      throw cannotWrite(path, cause);
    });
  }
}

function destOf(output: OutputSpec): string[] {
  return "dest" in output && typeof output.dest === "string" ? [output.dest] : [];
}

async function prepare(path: string, dests: readonly string[]): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  if (!isReplaceable(path)) return;
  const folder = dirname(resolve(path));
  if (!existsSync(folder) && dests.some((dest) => isMadeWith(folder, resolve(dest)))) return;
  await access(folder, constants.W_OK | constants.X_OK);
  await rm(path, { force: true });
}

/** Whether a folder is on the way to an output, or in it. */
function isMadeWith(folder: string, dest: string): boolean {
  return `${dest}/`.startsWith(`${folder}/`) || folder.startsWith(`${dest}/`);
}

/** @throws output_failed */
export async function writeResultFiles(result: BuildResult, details: ResultDetails, flags: FlagValues): Promise<void> {
  const contents: Readonly<Record<(typeof RESULT_FILES)[number], () => string>> = {
    iidfile: () => result.imageId,
    "iidfile-raw": () => result.imageId.replace(/^\w+:/, ""),
    digestfile: () => result.descriptor.digest,
    "metadata-file": () => `${JSON.stringify(metadata(result, details), null, 2)}\n`,
  };
  for (const name of RESULT_FILES) {
    const path = flags.text(name);
    if (path !== undefined) await replaceFile(path, contents[name]());
  }
}

/**
 * What the metadata file is to say of how the image was made: `min` unless BUILDX_METADATA_PROVENANCE says another.
 * https://docs.docker.com/build/building/variables/#buildx_metadata_provenance
 */
export function metadataProvenance(flags: FlagValues, env: Io["env"]): Pick<BuildOptions, "recordProvenance"> {
  const asked = env["BUILDX_METADATA_PROVENANCE"] ?? "min";
  if (flags.text("metadata-file") === undefined || /^(?:disabled|0|f|false)$/i.test(asked)) return {};
  return { recordProvenance: asked === "max" ? "max" : "min" };
}

/** The reference has the three parts of buildx's: builder, node, build. Warnings are there when BUILDX_METADATA_WARNINGS asks for them. */
function metadata(
  { descriptor, imageId, names, isImage, id, platforms, provenance }: BuildResult,
  { view, env }: ResultDetails,
): object {
  const isAsked = /^(?:1|t|true)$/i.test(env["BUILDX_METADATA_WARNINGS"] ?? "");
  return {
    ...(isAsked && view.warnings.length > 0 && { "buildx.build.warnings": warningRows(view) }),
    ...provenanceKeys(provenance),
    "buildx.build.ref": `tsbuild/tsbuild0/${id}`,
    ...(isImage && {
      ...(platforms.length === 1 && { "containerimage.config.digest": imageId }),
      "containerimage.descriptor": descriptor,
      "containerimage.digest": descriptor.digest,
    }),
    ...(names.length > 0 && { "image.name": names.join(",") }),
  };
}

/** Of several platforms, one key for each. */
function provenanceKeys(provenance: BuildResult["provenance"]): object {
  const rows = Object.entries(provenance);
  const key = (platform: string) => `buildx.build.provenance${rows.length > 1 ? `/${platform}` : ""}`;
  return Object.fromEntries(rows.map(([platform, content]) => [key(platform), content]));
}
