// What a plan is made from, besides the Dockerfile.

import type { Platform } from "../oci/index.js";
import type { Span } from "../parser/index.js";
import type { GitSource, HttpSource } from "../remote/index.js";
import type {
  IgnoreRules,
  NetworkMode,
  NoCacheFlag,
  PlanWarning,
  ResolvedImage,
  RunDevice,
  RunMount,
} from "./graph.js";

export interface PlanOptions {
  /**
   * Finds an image: a reference as the Dockerfile has it (`node:20`), or `oci-layout://DIRECTORY[:TAG][@DIGEST]` when a
   * named context is an image layout. Called once for each image and platform that the target needs, at the same time.
   */
  readonly resolveImage: ResolveImage;
  /** Decides what is fetched for a file or a repository that the Dockerfile, or a named context, names. @default the same */
  readonly resolveSource?: ResolveSource;
  /** The name of a stage, in any case of letters. @default the last stage */
  readonly target?: string;
  /** What the image is for. Without it the image says the platform of its base image. @default this machine's */
  readonly platform?: Platform;
  /** Names of steps begin with the platform that they are for: `[linux/arm64 builder 2/5]`. @default false */
  readonly namePlatforms?: boolean;
  /** What runs the build: BUILDPLATFORM and its parts. @default this machine's */
  readonly buildPlatform?: Platform;
  /** Values for ARG. @default {} */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Added to the image's labels, over those of the Dockerfile. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether stages take the labels of their base images over. @default true */
  readonly inheritLabels?: boolean;
  /** No step takes its result from the cache: the flag that says so, `true` for `--no-cache`. @default false */
  readonly noCache?: boolean | NoCacheFlag;
  /** Names of stages whose steps take no result from the cache. @default [] */
  readonly noCacheFilter?: readonly string[];
  /** The build context. @default none: a COPY from it is an error */
  readonly context?: DirectoryContext;
  /** Named contexts: each stands for the stage or image of its name. @default {} */
  readonly namedContexts?: Readonly<Record<string, NamedContext>>;
  /** The network of RUN steps that do not choose one. @default "default" */
  readonly network?: NetworkMode;
  /** What steps may ask for beyond the sandbox. @default [] */
  readonly entitlements?: readonly Entitlement[];
  /** Mounts of every RUN. One of the step itself on the same target takes the place of one of these. @default [] */
  readonly mounts?: readonly RunMount[];
  /** Devices of every RUN, beside those of the step itself. @default [] */
  readonly devices?: readonly RunDevice[];
  /** Told of each warning as it is found; the graph has them all too. */
  readonly onWarning?: (warning: PlanWarning) => void;
}

export type ResolveImage = (name: string, platform: Platform, span: Span) => Promise<ResolvedImage>;

/** @throws TsbuildError when it must not be fetched */
export type ResolveSource = <Source extends HttpSource | GitSource>(source: Source, span: Span) => Source;

/** `device` allows all devices, `device=NAME` the one. */
export type Entitlement = "network.host" | "security.insecure" | "device" | `device=${string}`;

export interface DirectoryContext {
  readonly directory: string;
  readonly ignore: IgnoreRules;
}

export type NamedContext =
  | { readonly kind: "git"; readonly source: GitSource }
  /** An archive stands for the files in it; any other file is one called `context`. */
  | { readonly kind: "http"; readonly source: HttpSource }
  | (DirectoryContext & { readonly kind: "directory" })
  | { readonly kind: "image"; readonly reference: string }
  /** `reference` is a tag or a digest. @default the only manifest, or the one tagged `latest` */
  | { readonly kind: "layout"; readonly directory: string; readonly reference?: string };
