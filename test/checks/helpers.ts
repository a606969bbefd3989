// Checks a Dockerfile given as text, with images and ignore rules that exist only here.

import { type CheckWarning, findWarnings, KnownImages, planAll } from "../../checks/index.js";
import { parse } from "../../parser/index.js";
import { parseIgnore } from "../../planner/index.js";
import { AMD64, image } from "../planner/helpers.js";

export interface CheckTextOptions {
  /** Lines of .dockerignore. */
  readonly ignored?: readonly string[];
  /** Images that are for linux/arm64 and nothing else. */
  readonly armOnly?: readonly string[];
  /** Variables of every image. */
  readonly env?: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
}

export async function checkText(text: string, options: CheckTextOptions = {}): Promise<readonly CheckWarning[]> {
  const { ignored = [], armOnly = [], env = ["PATH=/bin"], buildArgs = {} } = options;
  const dockerfile = parse(text);
  const context = { directory: "/src", ignore: parseIgnore(ignored.join("\n"), ".dockerignore") };
  const images = new KnownImages(async (name, platform) =>
    image(name, armOnly.includes(name) ? { ...AMD64, architecture: "arm64" } : platform, { Env: env }),
  );
  const plan = { resolveImage: images.resolve, buildPlatform: AMD64, context, buildArgs };
  const planned = await planAll(dockerfile, plan);
  const baseVariables = images.variablesIn(dockerfile);
  return findWarnings(dockerfile, { buildArgs, context, baseVariables, planned: planned.warnings }).warnings;
}
