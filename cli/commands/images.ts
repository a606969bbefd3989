// `tsbuild images`, `tag`, `rmi`: what the store has, and how it is named.

import { listImages, removeImage, tagImage, TsbuildError } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { usageError } from "../flags/usage-error.js";
import { parseTime } from "../flags/times.js";
import { parseBool, splitAssignment } from "../flags/values.js";
import type { Io } from "../io.js";
import { imagesJson, imagesText, shortId } from "../report/images.js";
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
  const [format = "table", hasHeadings] = [flags.text("format"), !flags.bool("noheading")];
  if (flags.bool("json")) stdout.write(imagesJson(images));
  else stdout.write(imagesText(images, { format, digests: flags.bool("digests"), noTrunc, hasHeadings }));
  return ExitCode.success;
}

const FILTERS: readonly string[] = ["reference", "dangling", "label", "before", "since", "until", "id", "readonly"];

/** No image is only to be read. */
const NO_ID = "none";

/** @throws usage */
function filtersOf(flags: FlagValues, repository: string | undefined) {
  const given = flags.list("filter").map((text) => splitAssignment(text));
  const values = (key: string) => given.flatMap(([name, value]) => (name === key ? [value ?? ""] : []));
  const unknown = given.find(([name]) => !FILTERS.includes(name));
  if (unknown) throw usageError(`--filter "${unknown[0]}" is not known`, `Use ${FILTERS.join("=, ")}=.`);
  const one = (key: string) => values(key).at(-1);
  const [dangling, before, since, until, id] = ["dangling", "before", "since", "until", "id"].map(one);
  const isNone = values("readonly").some((text) => parseBool(text, "--filter readonly"));
  return {
    references: [...values("reference"), ...(repository === undefined ? [] : [repository])],
    labels: values("label"),
    ...(dangling !== undefined && { dangling: parseBool(dangling, "--filter dangling") }),
    ...(before !== undefined && { before }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until: parseTime(until, "--filter until") }),
    ...(id !== undefined && { id }),
    ...(isNone && { id: NO_ID }),
  };
}

export async function runTag({ flags, args }: Call): Promise<number> {
  await tagImage(args[0]!, args[1]!, storeOptions(flags));
  return ExitCode.success;
}

/** Takes away as many as it can. With --force, one that is not there is no failure. */
export async function runRmi({ flags, args }: Call, { stdout, stderr }: Io): Promise<number> {
  const words = await wordsOf(flags, args);
  const force = flags.bool("force") || words !== args;
  let isDeleted = false;
  const remove = async (word: string): Promise<void> => {
    const { untagged, deleted } = await removeImage(word, { ...storeOptions(flags), force });
    stdout.write(untagged.map((name) => `Untagged: ${name}\n`).join(""));
    if (deleted !== undefined) stdout.write(`Deleted: ${deleted}\n`);
    isDeleted ||= deleted !== undefined;
  };
  const passes = (error: TsbuildError) => force && error.code === "image_not_found";
  const code = await forEach(words, remove, { stderr }, { passes });
  if (isDeleted) stderr.write('note: "tsbuild prune" frees the space of what nothing uses any more\n');
  return code;
}

/** What --all and --prune stand for: names, and digests of images without one. @throws usage */
async function wordsOf(flags: FlagValues, args: readonly string[]): Promise<readonly string[]> {
  const [all, prune] = [flags.bool("all"), flags.bool("prune")];
  if (args.length > 0 && (all || prune))
    throw usageError("--all and --prune say themselves which images, found more", "Leave the names out.");
  if (args.length === 0 && !all && !prune)
    throw usageError("tsbuild rmi: expected at least 1 argument, found none", 'Write "tsbuild rmi IMAGE...".');
  if (args.length > 0) return args;
  const images = await listImages({ ...storeOptions(flags), ...(!all && { dangling: true }) });
  return [...new Set(images.map(({ name, descriptor }) => name ?? descriptor.digest))];
}
