// COPY and ADD: sources, a destination, and the flags for how files arrive.
// https://docs.docker.com/reference/dockerfile/#copy

import type { Word } from "../ast.js";
import { DockerfileError } from "../error.js";
import { splitBlanks } from "../words.js";
import { defined, missing, type Input, type Rule } from "./input.js";

const FLAGS = { chown: "value", chmod: "value", link: "boolean", exclude: "list" } as const;

export const copy: Rule<"COPY"> = {
  flags: { from: "value", parents: "boolean", ...FLAGS },
  json: true,
  heredocs: true,
  read: (input) => ({ ...readTransfer(input), ...defined({ from: input.flags.value("from") }) }),
};

export const add: Rule<"ADD"> = {
  flags: { ...FLAGS, checksum: "value", "keep-git-dir": "boolean", unpack: "boolean" },
  json: true,
  heredocs: true,
  read(input) {
    const { flags } = input;
    const own = {
      checksum: flags.value("checksum"),
      keepGitDir: flags.boolean("keep-git-dir"),
      unpack: flags.boolean("unpack"),
    };
    return { ...readTransfer(input), ...defined(own) };
  },
};

function readTransfer(input: Input) {
  const { flags, heredocs } = input;
  const words = input.json ?? wordsBetween(input);
  const [destination, sources] = [words.at(-1), words.slice(0, -1)];
  if (destination === undefined || endsInHeredoc(input)) throw noDestination(input);
  if (sources.length + heredocs.length === 0) throw noPlaces(input);
  return {
    sources,
    heredocs,
    destination,
    json: input.json !== undefined,
    link: flags.boolean("link") ?? false,
    exclude: flags.list("exclude").map(({ flag }) => flag.value!),
    parents: flags.boolean("parents") ?? false,
    ...defined({ chown: flags.value("chown"), chmod: flags.value("chmod") }),
  };
}

/** The words that are no heredocs. */
function wordsBetween({ args, heredocPlaces }: Input): Word[] {
  const gaps = [args.slice(0, heredocPlaces[0]?.start)];
  for (const [index, { end }] of heredocPlaces.entries()) gaps.push(args.slice(end, heredocPlaces[index + 1]?.start));
  return gaps.flatMap(splitBlanks).map((word) => word.word());
}

function endsInHeredoc({ args, heredocPlaces }: Input): boolean {
  return heredocPlaces.at(-1)?.end === args.length;
}

function noPlaces(input: Input): DockerfileError {
  const name = input.keyword.value.toUpperCase();
  const message = `${name} requires at least two arguments, but only one was provided. Destination could not be determined`;
  return missing(input, "a source and a destination", message);
}

/** S-037: a heredoc is neither the destination nor the only word. */
function noDestination(input: Input): DockerfileError {
  const last = input.heredocs.at(-1);
  if (last === undefined) return noPlaces(input);
  const name = input.keyword.value.toUpperCase();
  const hint = `Write the destination behind ${last.word.text}.`;
  return new DockerfileError("missing_argument", `${name} cannot accept a heredoc as a destination`, last.word.span, {
    hint,
  });
}
