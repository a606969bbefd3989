// Routes from registries.conf, the file of Podman, Buildah and Skopeo: `[[registry]]` with location, mirrors, insecure, blocked.
// https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md

import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { TsbuildError } from "../errors.js";
import type { Environment } from "../net/index.js";
import type { MirrorPlace, Route } from "./routes.js";
import { parseToml } from "./toml.js";

const place = { location: v.exactOptional(v.string()), insecure: v.exactOptional(v.boolean()) };
const mirrorSchema = v.object({
  ...place,
  location: v.string(),
  "pull-from-mirror": v.exactOptional(v.picklist(["all", "digest-only", "tag-only"])),
});
const registrySchema = v.object({
  ...place,
  prefix: v.exactOptional(v.string()),
  blocked: v.exactOptional(v.boolean()),
  "mirror-by-digest-only": v.exactOptional(v.boolean()),
  mirror: v.exactOptional(v.array(mirrorSchema)),
});
/** Short names mean Docker Hub's whatever the file says: what it says about them is not read. */
const fileSchema = v.object({
  registry: v.optional(v.array(registrySchema), []),
  registries: v.exactOptional(v.any()),
});

/** @param file the only one to be read. Default: $CONTAINERS_REGISTRIES_CONF, else the user's, else the machine's; and what is in `registries.conf.d` @throws bad_value */
export function loadRoutes(environment: Environment, file?: string): Route[] {
  if (file !== undefined) return parseRoutes(read(file) ?? missing(file), file);
  const routes = new Map<string, Route>();
  for (const path of filesOf(environment)) {
    for (const route of parseRoutes(read(path) ?? "", path)) routes.set(route.prefix, route);
  }
  return [...routes.values()];
}

/** What comes later replaces what came before. */
function filesOf(environment: Environment): string[] {
  const home = environment.HOME || homedir();
  const folders = ["/etc/containers", join(environment.XDG_CONFIG_HOME || join(home, ".config"), "containers")];
  const named = environment.CONTAINERS_REGISTRIES_CONF;
  const mains = folders.map((folder) => join(folder, "registries.conf")).reverse();
  const main = named || mains.find((path) => read(path) !== undefined);
  return [...(main ? [main] : []), ...folders.flatMap((folder) => dropIns(join(folder, "registries.conf.d")))];
}

function dropIns(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".conf"));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** @throws bad_value */
export function parseRoutes(text: string, file: string): Route[] {
  const result = v.safeParse(fileSchema, parseToml(text, file));
  if (!result.success) {
    const [issue] = result.issues;
    throw bad(file, `${v.getDotPath(issue) ?? "the top"} to be ${issue.expected}, found ${issue.received}`);
  }
  const { registry, registries } = result.output;
  if (registries !== undefined) throw bad(file, "[[registry]] tables, found [registries], the form of version 1");
  return registry.map((each) => routeOf(each, file));
}

function routeOf(registry: v.InferOutput<typeof registrySchema>, file: string): Route {
  const { prefix = registry.location, location, mirror = [], insecure, blocked } = registry;
  if (!prefix) throw bad(file, "a prefix or a location in each [[registry]]");
  const digestsOnly = registry["mirror-by-digest-only"] === true;
  const mirrors = mirror.map((each): MirrorPlace => {
    const pull = each["pull-from-mirror"] ?? (digestsOnly ? "digest-only" : "all");
    return { location: trimmed(each.location), pull, ...(each.insecure !== undefined && { insecure: each.insecure }) };
  });
  return {
    prefix: trimmed(prefix),
    ...(location && { location: trimmed(location) }),
    ...(blocked !== undefined && { blocked }),
    ...(insecure !== undefined && { insecure }),
    ...(mirrors.length > 0 && { mirrors }),
  };
}

function trimmed(location: string): string {
  return location.replace(/\/+$/, "");
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function missing(file: string): never {
  throw bad(file, "a file with [[registry]] tables, found none");
}

function bad(file: string, expected: string): TsbuildError {
  return new TsbuildError("bad_value", `${file}: expected ${expected}`, {
    hint: "See man 5 containers-registries.conf.",
  });
}
