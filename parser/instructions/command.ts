// CMD, ENTRYPOINT and SHELL.
// https://docs.docker.com/reference/dockerfile/#cmd

import { DockerfileError } from "../error.js";
import { missing, NO_FLAGS, readCommand, type Rule } from "./input.js";

export const cmd: Rule<"CMD"> = { flags: NO_FLAGS, json: true, read: (input) => ({ command: readCommand(input) }) };

export const entrypoint: Rule<"ENTRYPOINT"> = {
  flags: NO_FLAGS,
  json: true,
  read: (input) => ({ command: readCommand(input) }),
};

export const shell: Rule<"SHELL"> = {
  flags: NO_FLAGS,
  json: true,
  read(input) {
    if (input.args.length === 0 || input.json?.length === 0) throw missing(input, "a shell as a JSON array");
    if (input.json !== undefined) return { args: input.json.map(({ text }) => text) };
    const hint = 'Write it like SHELL ["/bin/bash", "-c"].';
    throw new DockerfileError(
      "bad_json",
      `SHELL requires the arguments to be in JSON form, found "${input.args.value}"`,
      input.args.span(),
      { hint },
    );
  },
};
