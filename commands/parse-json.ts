// `tsbuild parse --format=json`: the syntax tree as plain data.

import { type Json, parse, toJson } from "../parser/index.js";

/**
 * @param path names the text in errors and in the tree
 * @throws DockerfileError
 */
export function parseDockerfileToJson(text: string | Uint8Array, path = "Dockerfile"): Json {
  return toJson(parse(text, { path }));
}
