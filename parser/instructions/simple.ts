// Instructions that are a word or a list of words: EXPOSE, VOLUME, USER, WORKDIR, STOPSIGNAL, MAINTAINER.
// https://docs.docker.com/reference/dockerfile/

import { trimSpace } from "../blank.js";
import { DockerfileError } from "../error.js";
import { splitBlanks } from "../words.js";
import { missing, NO_FLAGS, wholeArgument, type Rule } from "./input.js";

export const expose: Rule<"EXPOSE"> = {
  flags: NO_FLAGS,
  read(input) {
    const ports = splitBlanks(input.args);
    if (ports.length === 0) throw missing(input, "a port");
    return { ports: ports.map((port) => port.word()) };
  },
};

export const volume: Rule<"VOLUME"> = {
  flags: NO_FLAGS,
  json: true,
  read(input) {
    const paths =
      input.json?.map(({ text, span }) => ({ text: trimSpace(text), span })) ??
      splitBlanks(input.args).map((path) => path.trim().word());
    if (paths.length === 0) throw missing(input, "a path");
    const empty = paths.find(({ text }) => text === "");
    if (empty)
      throw new DockerfileError("bad_value", "VOLUME specified can not be an empty string", empty.span, {
        hint: "Remove it, or write a path.",
      });
    return { paths, json: input.json !== undefined };
  },
};

export const user: Rule<"USER"> = { flags: NO_FLAGS, read: (input) => ({ user: wholeArgument(input, "a user") }) };

export const workdir: Rule<"WORKDIR"> = {
  flags: NO_FLAGS,
  read: (input) => ({ path: wholeArgument(input, "a path") }),
};

export const stopsignal: Rule<"STOPSIGNAL"> = {
  flags: NO_FLAGS,
  read: (input) => ({ signal: wholeArgument(input, "a signal") }),
};

export const maintainer: Rule<"MAINTAINER"> = {
  flags: NO_FLAGS,
  read: (input) => ({ name: wholeArgument(input, "a name").text }),
};
