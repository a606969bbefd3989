// `tsbuild images`, `tag`, `rmi`: what the store has, and how it is named.

import { listImages, removeImage, tagImage, TsbuildError } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { usageError } from "../flags/usage-error.js";
import { parseBool, splitAssignment } from "../flags/values.js";
import type { Io } from "../io.js";
import { imagesText, shortId } from "../report/images.js";
import { forEach } from "./each.js";
import { storeOptions } from "./store-options.js";

export async function runImages({ flags, args }: Call, { stdout }: Io): Promise<number> {
  const images = await listImages({ ...storeOptions(flags), ...filtersOf(flags, args[0]) });
  const noTrunc = flags.bool("no-trunc");
  if (flags.bool("quiet")) {
    const ids = images.flatMap(({ imageId }) => (imageId === undefined ? [] : [shortId(imageId, noTrunc)]));
    stdout.write(ids.map((id) => `${id}\n`).join(""));
    return ExitCode.success;
  }
  const format = flags.text("format") ?? "table";
  stdout.write(imagesText(images, { format, digests: flags.bool("digests"), noTrunc }));
  return ExitCode.success;
}

/** @throws usage */
function filtersOf(flags: FlagValues, repository: string | undefined) {
  const given = flags.list("filter").map((text) => splitAssignment(text));
  const values = (key: string) => given.flatMap(([name, value]) => (name === key ? [value ?? ""] : []));
  const unknown = given.find(([name]) => !["reference", "dangling", "label", "before", "since"].includes(name));
  if (unknown)
    throw usageError(`--filter "${unknown[0]}" is not known`, "Use reference=, dangling=, label=, before= or since=.");
  const [dangling, before, since] = ["dangling", "before", "since"].map((key) => values(key).at(-1));
  return {
    references: [...values("reference"), ...(repository === undefined ? [] : [repository])],
    labels: values("label"),
    ...(dangling !== undefined && { dangling: parseBool(dangling, "--filter dangling") }),
    ...(before !== undefined && { before }),
    ...(since !== undefined && { since }),
  };
}

export async function runTag({ flags, args }: Call): Promise<number> {
  await tagImage(args[0]!, args[1]!, storeOptions(flags));
  return ExitCode.success;
}

/** Takes away as many as it can. With --force, one that is not there is no failure. */
export async function runRmi({ flags, args }: Call, { stdout, stderr }: Io): Promise<number> {
  const force = flags.bool("force");
  let isDeleted = false;
  const remove = async (word: string): Promise<void> => {
    const { untagged, deleted } = await removeImage(word, { ...storeOptions(flags), force });
    stdout.write(untagged.map((name) => `Untagged: ${name}\n`).join(""));
    if (deleted !== undefined) stdout.write(`Deleted: ${deleted}\n`);
    isDeleted ||= deleted !== undefined;
  };
  const passes = (error: TsbuildError) => force && error.code === "image_not_found";
  const code = await forEach(args, remove, { stderr }, { passes });
  if (isDeleted) stderr.write('note: "tsbuild prune" frees the space of what nothing uses any more\n');
  return code;
}
