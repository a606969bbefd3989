// `tsbuild builds`, `logs`, `explain`: what past builds did, printed and meant.

import { explain, listBuilds, type ListBuildsOptions, readLogs, removePastBuild } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { parseCacheFrom } from "../flags/cache-spec.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { buildsTable, buildText } from "../report/builds.js";
import { explanationText } from "../report/explain.js";
import { json } from "../report/json-parts.js";
import { registryOptions } from "./registry-options.js";
import { given, storeOptions } from "./store-options.js";

const LISTED = 20;

/** @throws build_not_found, usage */
export async function runBuilds({ flags, args: [name] }: Call, { stdout }: Io): Promise<number> {
  const store = storeOptions(flags);
  const isJson = flags.text("format") === "json";
  if (flags.bool("rm")) {
    if (name === undefined)
      throw usageError("tsbuild builds --rm: expected a build", "Name it: tsbuild builds --rm BUILD.");
    stdout.write(`${await removePastBuild(name, store)}\n`);
  } else if (name !== undefined) {
    const { build } = await explain(name, store);
    stdout.write(isJson ? json(build) : buildText(build));
  } else {
    const builds = await listBuilds({
      limit: flags.int("limit") ?? LISTED,
      ...filters(flags.list("filter")),
      ...store,
    });
    if (flags.bool("quiet")) stdout.write(builds.map(({ id }) => `${id}\n`).join(""));
    else stdout.write(isJson ? json(builds) : buildsTable(builds));
  }
  return ExitCode.success;
}

/** @throws build_not_found, usage */
export async function runLogs({ flags, args: [name, step] }: Call, { stdout }: Io): Promise<number> {
  const logs = await readLogs(name, step, storeOptions(flags));
  for (const one of logs) {
    if (step === undefined) stdout.write(`--- ${one.step.name}\n`);
    stdout.write(one.log);
  }
  return ExitCode.success;
}

/** @throws build_not_found, usage */
export async function runExplain({ flags, args: [name] }: Call, { stdout, signal }: Io): Promise<number> {
  const against = flags.text("against");
  const compared = against !== undefined && isCache(against) ? parseCacheFrom(against, "--against") : against;
  const options = given({ step: flags.text("step"), against: compared });
  const explanation = await explain(name, { ...options, ...storeOptions(flags), ...registryOptions(flags), signal });
  const isJson = flags.bool("json") || flags.text("format") === "json";
  stdout.write(isJson ? json(explanation) : explanationText(explanation));
  return ExitCode.success;
}

/** Names of builds have no field. */
function isCache(text: string): boolean {
  return /(?:^|,)type=/.test(text);
}

const STATUSES = ["running", "done", "failed", "canceled", "killed"] as const;

function filters(words: readonly string[]): Pick<ListBuildsOptions, "status" | "of"> {
  return Object.assign({}, ...words.map(filter)) as Pick<ListBuildsOptions, "status" | "of">;
}

function filter(word: string): Pick<ListBuildsOptions, "status" | "of"> {
  const [, name, value = ""] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  if (name === "of") return { of: value };
  const status = STATUSES.find((each) => each === value);
  if (name === "status" && status !== undefined) return { status };
  const expected = name === "status" ? `a status of ${STATUSES.join(", ")}` : "status=STATUS or of=TEXT";
  throw usageError(`--filter "${word}": expected ${expected}`);
}
