// Build arguments that steer the builder and not the Dockerfile, as options.
// https://docs.docker.com/reference/dockerfile/#buildkit-built-in-build-args

import { TsbuildError } from "../errors.js";
import type { RunSettings } from "../executor/index.js";
import { parse } from "../parser/index.js";
import type { CacheTarget } from "../shared-cache/index.js";

interface Steered {
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly cacheTo?: readonly CacheTarget[];
  readonly run?: RunSettings;
}

/**
 * The options with what BUILDKIT_INLINE_CACHE and BUILDKIT_SANDBOX_HOSTNAME say; options of the same meaning win.
 * BUILDKIT_CACHE_MOUNT_NS, BUILDKIT_CONTEXT_KEEP_GIT_DIR and BUILDKIT_DOCKERFILE_CHECK are read where they matter.
 * @throws unsupported for a frontend that is not docker/dockerfile, and for BUILDKIT_MULTI_PLATFORM
 */
export function withBuilderArgs<Options extends Steered>(options: Options): Options {
  const { buildArgs = {}, cacheTo = [], run } = options;
  const hostname = buildArgs["BUILDKIT_SANDBOX_HOSTNAME"];
  checkFrontend(buildArgs["BUILDKIT_SYNTAX"]);
  if (isTrue(buildArgs["BUILDKIT_MULTI_PLATFORM"])) throw noIndexOfOne();
  const isInline = isTrue(buildArgs["BUILDKIT_INLINE_CACHE"]) && !cacheTo.some(({ type }) => type === "inline");
  return {
    ...options,
    ...(hostname && { run: { hostname, ...run } }),
    ...(isInline && { cacheTo: [...cacheTo, { type: "inline" as const }] }),
  };
}

/** As the directive `# syntax=` is checked. */
function checkFrontend(frontend: string | undefined): void {
  if (frontend) parse(`# syntax=${frontend}\nFROM scratch\n`, { path: "BUILDKIT_SYNTAX" });
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:1|t|true)$/i.test(value);
}

function noIndexOfOne(): TsbuildError {
  const message = "BUILDKIT_MULTI_PLATFORM asks for an index of one platform, which is not made";
  return new TsbuildError("unsupported", message, {
    hint: "Leave it out; an image of several platforms, or with attestations, is an index anyway.",
  });
}
