// Which registries images may come from at all: the variable BUILD_REGISTRY_SOURCES.
// https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md#environment

import * as v from "valibot";
import { TsbuildError } from "../errors.js";
import { doubledKey } from "./doubled-key.js";

const VARIABLE = "BUILD_REGISTRY_SOURCES";
const list = v.nullish(v.array(v.string()), []);
const sourcesSchema = v.strictObject({ insecureRegistries: list, blockedRegistries: list, allowedRegistries: list });

export type RegistrySources = v.InferOutput<typeof sourcesSchema>;

/** @throws bad_policy */
export function readRegistrySources(environment: Readonly<Record<string, string | undefined>>): RegistrySources {
  const text = environment[VARIABLE] || "{}";
  const json = jsonOf(text);
  const doubled = doubledKey(text);
  if (doubled) throw bad(`${VARIABLE}, ${doubled.join(", ")}: expected the key once, found it twice`);
  const result = v.safeParse(sourcesSchema, json);
  if (result.success) return result.output;
  const [{ expected, received, path = [] }] = result.issues;
  const place = path.map(({ key }) => String(key)).join(", ");
  const wanted = expected === "never" ? "no such field" : expected;
  throw bad(`${VARIABLE}${place && `, ${place}`}: expected ${wanted}, found ${received}`);
}

/** @throws source_denied */
export function expectAllowed(registry: string, { blockedRegistries, allowedRegistries }: RegistrySources): void {
  if (blockedRegistries.includes(registry)) throw denied(registry, "it is one of blockedRegistries");
  if (allowedRegistries.length > 0 && !allowedRegistries.includes(registry))
    throw denied(registry, "it is none of allowedRegistries");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad(`${VARIABLE}: expected JSON, found ${JSON.stringify(text.slice(0, 40))}`);
  }
}

function denied(registry: string, reason: string): TsbuildError {
  return new TsbuildError("source_denied", `images of ${registry} are denied by ${VARIABLE}: ${reason}`, {
    hint: `Take the image from another registry, or change ${VARIABLE}.`,
  });
}

function bad(message: string): TsbuildError {
  return new TsbuildError("bad_policy", message, {
    hint: `Write {"blockedRegistries":["HOST:PORT"]}, with lists of insecureRegistries, blockedRegistries and allowedRegistries.`,
  });
}
