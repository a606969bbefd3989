// ARGs that every build has: the platforms, the target's name, and the proxies.
// https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope

import { type Platform, formatPlatform } from "../oci/index.js";

export interface AutomaticArgs {
  readonly build: Platform;
  readonly target: Platform;
  /** `default` when no stage was asked for and the last one has no name (S-058). */
  readonly stage: string;
}

/** Values of the automatic ARGs by name. They are global: a stage sees one after it declares it (S-057). */
export function automaticArgs(values: AutomaticArgs): ReadonlyMap<string, string> {
  return new Map([
    ...platformArgs("BUILD", values.build),
    ...platformArgs("TARGET", values.target),
    ["TARGETSTAGE", values.stage],
  ]);
}

function platformArgs(prefix: string, platform: Platform): [string, string][] {
  const { os, architecture, variant = "" } = platform;
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, os],
    [`${prefix}OSVERSION`, platform["os.version"] ?? ""],
    [`${prefix}ARCH`, architecture],
    [`${prefix}VARIANT`, variant],
  ];
}

const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/** The environment that proxy build args give to RUN with no ARG, under both spellings of each name (S-056). */
export function proxyEnvironment(buildArgs: Readonly<Record<string, string>>): readonly string[] {
  const given = new Map(
    Object.entries(buildArgs)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name.toUpperCase(), value]),
  );
  return PROXIES.flatMap((name) => {
    const value = given.get(name);
    return value ? [`${name}=${value}`, `${name.toLowerCase()}=${value}`] : [];
  });
}

/** What steers the builder: https://docs.docker.com/reference/dockerfile/#buildkit-built-in-build-args */
export const BUILDER_ARGS: readonly string[] = [
  "BUILDKIT_CACHE_MOUNT_NS",
  "BUILDKIT_CONTEXT_KEEP_GIT_DIR",
  "BUILDKIT_DOCKERFILE_CHECK",
  "BUILDKIT_INLINE_CACHE",
  "BUILDKIT_MULTI_PLATFORM",
  "BUILDKIT_SANDBOX_HOSTNAME",
  "BUILDKIT_SYNTAX",
];

/** True for names that mean something to a builder without being declared by ARG. */
export function isPredefinedArg(name: string): boolean {
  return (
    PROXIES.includes(name.toUpperCase()) ||
    BUILDER_ARGS.includes(name) ||
    name === "SOURCE_DATE_EPOCH" ||
    isAutomaticArg(name)
  );
}

function isAutomaticArg(name: string): boolean {
  return name === "TARGETSTAGE" || /^(BUILD|TARGET)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)$/.test(name);
}
