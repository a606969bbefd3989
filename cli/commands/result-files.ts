// Files that say what a build made: --iidfile and --metadata-file.
// https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file

import { rename, rm, writeFile } from "node:fs/promises";
import { type BuildResult, TsbuildError } from "../../index.js";
import type { FlagValues } from "../flags/flag-values.js";

/** A file of an earlier build must not be taken for this one's. @throws output_failed */
export async function removeStale(flags: FlagValues): Promise<void> {
  for (const path of [flags.text("iidfile"), flags.text("metadata-file")]) {
    if (path !== undefined) await rm(path, { force: true }).catch((cause) => cannotWrite(path, cause));
  }
}

/** @throws output_failed */
export async function writeResultFiles(result: BuildResult, tags: readonly string[], flags: FlagValues): Promise<void> {
  const iidfile = flags.text("iidfile");
  const metadataFile = flags.text("metadata-file");
  if (iidfile !== undefined) await replace(iidfile, result.imageId);
  if (metadataFile !== undefined) await replace(metadataFile, `${JSON.stringify(metadata(result, tags), null, 2)}\n`);
}

function metadata({ descriptor, imageId }: BuildResult, tags: readonly string[]): object {
  return {
    "containerimage.config.digest": imageId,
    "containerimage.descriptor": descriptor,
    "containerimage.digest": descriptor.digest,
    ...(tags.length > 0 && { "image.name": tags.join(",") }),
  };
}

/** Writes the file whole or not at all. Devices and pipes, such as /dev/stdout, are written as they are. */
async function replace(path: string, text: string): Promise<void> {
  const staged = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(staged, text, { flag: "wx" });
    await rename(staged, path);
  } catch (cause) {
    await rm(staged, { force: true });
    cannotWrite(path, cause);
  }
}

function cannotWrite(path: string, cause: unknown): never {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const hint = "Choose a path in a folder that exists and may be written.";
  throw new TsbuildError("output_failed", `cannot write "${path}": ${reason}`, { hint, cause });
}
