// Platforms: `linux/arm64/v8`, as containerd spells and matches them (S-071).
// https://github.com/opencontainers/image-spec/blob/main/image-index.md
// https://pkg.go.dev/github.com/containerd/platforms

import { TsbuildError } from "../errors.js";

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

/** What Go can be built for, WebAssembly's names, and `unknown`, which indexes say of what is no image. */
const SYSTEMS = new Set([
  "aix",
  "android",
  "darwin",
  "dragonfly",
  "freebsd",
  "hurd",
  "illumos",
  "ios",
  "js",
  "linux",
  "nacl",
  "netbsd",
  "openbsd",
  "plan9",
  "solaris",
  "unknown",
  "wasi",
  "wasip1",
  "wasip2",
  "windows",
  "zos",
]);
const ARCHITECTURES = new Set([
  "386",
  "amd64",
  "amd64p32",
  "arm",
  "arm64",
  "arm64be",
  "armbe",
  "loong64",
  "mips",
  "mips64",
  "mips64le",
  "mips64p32",
  "mips64p32le",
  "mipsle",
  "ppc",
  "ppc64",
  "ppc64le",
  "riscv",
  "riscv64",
  "s390",
  "s390x",
  "sparc",
  "sparc64",
  "unknown",
  "wasm",
  "wasm32",
]);
const ALIASES: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  i386: ["386", ""],
  x86_64: ["amd64"],
  "x86-64": ["amd64"],
  aarch64: ["arm64"],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
};
const NODE_ARCHITECTURES: Readonly<Record<string, string>> = {
  ia32: "386",
  x64: "amd64",
  mipsel: "mipsle",
  loong64: "loong64",
};

/** The platform of this machine. Builds are of Linux, whatever runs them. */
export function hostPlatform(): Platform {
  const architecture = process.arch === "ppc64" ? "ppc64le" : (NODE_ARCHITECTURES[process.arch] ?? process.arch);
  return normalizePlatform({ os: "linux", architecture });
}

/** The word of a command line for the platform of this machine. */
export const LOCAL_PLATFORM = "local";

/** What a user asks for: as `parsePlatform` reads it, or `local` for this machine's. @throws bad_platform */
export function parseAskedPlatform(text: string): Platform {
  return text === LOCAL_PLATFORM ? hostPlatform() : parsePlatform(text);
}

/**
 * Reads `os/architecture[/variant]`, or one of the two alone; the other is then this machine's. Aliases are understood:
 * `linux/x86_64`, `aarch64`, `linux/armhf`.
 * @throws bad_platform
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split("/");
  const [first = "", second, variant] = parts;
  const { os, version } = parseSystem(first);
  if (parts.length > 3 || parts.slice(1).some((part) => !/^[\w.-]+$/.test(part))) throw badPlatform(text);
  if (second === undefined) return parseSingle(os, text);
  const known = os === undefined ? undefined : normalizeSystem(os);
  if (known === undefined) throw badPlatform(text);
  const platform = normalizePlatform({
    os: known,
    architecture: second,
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { "os.version": version }),
  });
  if (!SYSTEMS.has(platform.os)) throw unknownWord("operating system", first, SYSTEMS);
  if (!ARCHITECTURES.has(platform.architecture)) throw unknownWord("architecture", second, ARCHITECTURES);
  return platform;
}

/** Words that name an operating system or an architecture, aliases too: for suggestions. */
export const PLATFORM_WORDS: readonly string[] = [...SYSTEMS, ...ARCHITECTURES, ...Object.keys(ALIASES)];

/** `linux/arm/v7`; with a version of the system, `windows(10.0.17763)/amd64`. */
export function formatPlatform(platform: Platform): string {
  const version = platform["os.version"];
  const os = version === undefined ? platform.os : `${platform.os}(${version})`;
  return [os, platform.architecture, ...(platform.variant ? [platform.variant] : [])].join("/");
}

/** The one spelling of a platform: `linux/arm64/v8` is `linux/arm64`, `linux/arm` is `linux/arm/v7`, `x86_64` is `amd64`. */
export function normalizePlatform(platform: Platform): Platform {
  const { variant: _, ...rest } = platform;
  const [architecture, variant] = normalizeArchitecture(
    platform.architecture.toLowerCase(),
    platform.variant?.toLowerCase() ?? "",
  );
  return { ...rest, os: normalizeSystem(platform.os), architecture, ...(variant !== "" && { variant }) };
}

function parseSystem(text: string): { os?: string; version?: string } {
  const match = /^([\w.-]+)(?:\(([\w.-]+)\))?$/.exec(text);
  return { ...(match?.[1] !== undefined && { os: match[1] }), ...(match?.[2] !== undefined && { version: match[2] }) };
}

function parseSingle(word: string | undefined, text: string): Platform {
  const host = hostPlatform();
  if (word !== undefined && SYSTEMS.has(normalizeSystem(word))) return { ...host, os: normalizeSystem(word) };
  const platform = normalizePlatform({ os: host.os, architecture: word ?? "" });
  if (ARCHITECTURES.has(platform.architecture)) return platform;
  throw badPlatform(text);
}

function normalizeSystem(os: string): string {
  const lower = os.toLowerCase();
  return lower === "macos" ? "darwin" : lower;
}

function normalizeArchitecture(name: string, given: string): [architecture: string, variant: string] {
  const [architecture, fixed] = ALIASES[name] ?? [name];
  const variant = fixed ?? given;
  if (architecture === "386") return [architecture, ""];
  if (architecture === "amd64") return [architecture, variant === "v1" ? "" : variant];
  if (architecture === "arm64") return [architecture, /^v?8(?:\.0)?$/.test(variant) ? "" : variant];
  if (architecture === "arm") return [architecture, variant === "" ? "v7" : variant.replace(/^(?=\d)/, "v")];
  return [architecture, variant];
}

function unknownWord(kind: string, word: string, known: ReadonlySet<string>): TsbuildError {
  const names = [...known].filter((name) => name !== "unknown").join(", ");
  return new TsbuildError("bad_platform", `expected an ${kind} that is known, found "${word}"`, {
    hint: `Use one of ${names}.`,
  });
}

function badPlatform(text: string): TsbuildError {
  return new TsbuildError(
    "bad_platform",
    `expected a platform such as "linux/amd64" or "linux/arm/v7", found "${text}"`,
    { hint: "Write os/architecture or os/architecture/variant." },
  );
}
