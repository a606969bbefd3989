// `--annotation [TYPE[PLATFORM],...:]KEY=VALUE` and `annotation-TYPE[PLATFORM].KEY=VALUE` in --output.
// https://docs.docker.com/reference/cli/docker/buildx/build/#annotation

import type { Annotation, AnnotationLevel } from "../../index.js";
import { usageError } from "./usage-error.js";
import { splitAssignment } from "./values.js";

const LEVELS: readonly AnnotationLevel[] = ["manifest", "index", "manifest-descriptor", "index-descriptor"];

/** One for each of the levels that it names. @throws usage */
export function parseAnnotation(text: string): Annotation[] {
  const [left, value] = splitAssignment(text);
  if (value === undefined || left === "") throw usageError(`--annotation ${text}: expected [TYPE:]KEY=VALUE`);
  const levels = /^([a-z-]+(?:\[[^\]]*\])?(?:,[a-z-]+(?:\[[^\]]*\])?)*):(.*)$/.exec(left);
  const [, list = "manifest", key = left] = levels ?? [];
  if (key === "") throw usageError(`--annotation ${text}: the key is missing`);
  return list.split(/,(?![^[]*\])/).map((level) => ({ ...levelOf(level, text), key, value }));
}

/** @param name `annotation.KEY` or `annotation-TYPE[PLATFORM].KEY` */
export function attributeAnnotation(name: string, value: string): Annotation {
  const [, level, key] = /^annotation(?:-([a-z-]+(?:\[[^\]]*\])?))?\.(.+)$/.exec(withLevel(name)) ?? [];
  if (key === undefined) throw usageError(`--output ${name}=${value}: expected annotation[-TYPE].KEY=VALUE`);
  return { ...levelOf(level ?? "manifest", name), key, value };
}

/** `annotation[linux/arm64].KEY` is for manifests. */
function withLevel(name: string): string {
  return name.replace(/^annotation\[/, "annotation-manifest[");
}

function levelOf(text: string, whole: string): Pick<Annotation, "level" | "platform"> {
  const [, name, platform] = /^([a-z-]+)(?:\[(.*)\])?$/.exec(text) ?? [];
  const level = LEVELS.find((known) => known === name);
  if (level === undefined)
    throw usageError(`--annotation ${whole}: expected one of ${LEVELS.join(", ")} before the key, found "${text}"`);
  if (platform !== undefined && level.startsWith("index"))
    throw usageError(`--annotation ${whole}: an index is for no single platform`);
  return { level, ...(platform && { platform }) };
}
