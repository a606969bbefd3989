// FROM image [AS name]
// https://docs.docker.com/reference/dockerfile/#from

import type { FromInstruction } from "../ast.js";
import { DockerfileError } from "../error.js";
import { didYouMean } from "../../suggest.js";
import type { Text } from "../text.js";
import { splitBlanks } from "../words.js";
import { defined, missing, type Fields, type Input, type Rule } from "./input.js";

const ARGUMENTS = "FROM requires either one or three arguments";
const STAGE_NAME = /^[a-z][a-z0-9._-]*$/i;

export const from: Rule<"FROM"> = {
  flags: { platform: "value" },
  read(input: Input): Fields<"FROM"> {
    const [image, ...others] = splitBlanks(input.args);
    if (image === undefined) throw missing(input, "an image", ARGUMENTS);
    return { image: image.word(), ...defined({ platform: input.flags.value("platform"), as: readAs(input, others) }) };
  },
};

function readAs(input: Input, words: readonly Text[]): FromInstruction["as"] {
  const [keyword, name, extra] = words;
  if (keyword === undefined) return undefined;
  if (keyword.value.toUpperCase() !== "AS") throw unexpected(keyword);
  if (name === undefined) throw missing({ keyword }, "a name for the stage", ARGUMENTS);
  if (extra !== undefined) throw unexpected(extra);
  if (!STAGE_NAME.test(name.value)) throw badName(name);
  return { name: name.value, span: name.span(), keyword: keyword.value };
}

function unexpected(word: Text): DockerfileError {
  const hint = didYouMean(word.value, ["AS"]) ?? "Write FROM IMAGE or FROM IMAGE AS NAME.";
  return new DockerfileError("too_many_arguments", `${ARGUMENTS}, found "${word.value}"`, word.span(), { hint });
}

function badName(name: Text): DockerfileError {
  const message = `invalid name for build stage: "${name.value}", name can't start with a number or contain symbols`;
  return new DockerfileError("bad_stage_name", message, name.span(), { hint: "Choose a name like build or stage-1." });
}
