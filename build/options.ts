// The options of `build()`. What they mean when they are not given: `resolved-options.ts`.

import type { ProvenanceOptions } from "../attestations/index.js";
import type { FailedStep, RunSettings } from "../executor/index.js";
import type { ContextGiven, DockerfileGiven, PullPolicy, SecretSource } from "../inputs/index.js";
import type { Annotation, OutputSpec, Squash } from "../outputs/index.js";
import type { Entitlement, NetworkMode, RunDevice, RunMount } from "../planner/index.js";
import type { OnEvent } from "../progress.js";
import type { RegistryOptions } from "../registry-options.js";
import type { CacheSource, CacheTarget, MountsSource, MountsTarget } from "../shared-cache/index.js";
import type { BuildReads } from "../watch/index.js";

export interface FailedBuildStep extends Pick<FailedStep, "error" | "command" | "shell"> {
  /** Writes the root of the step with its command to a file, for `tsbuild replay` and all that reads OCI archives. */
  save(file: string): Promise<void>;
}

export interface ProvenanceWanted extends ProvenanceOptions {
  /** Who vouches for the machine that builds: a URL. @default "" */
  readonly builderId?: string;
}

export interface BuildOptions extends RegistryOptions {
  /**
   * What COPY reads from: a directory; the URL of a git repository (`URL#REF:DIRECTORY`), of an archive or of a
   * Dockerfile; or a stream with an archive or a Dockerfile. @default "."
   */
  readonly context?: ContextGiven;
  /** A path, relative to the working directory or in a context that is no directory of this machine; a URL; or the text itself. @default Dockerfile, dockerfile or Containerfile in the context */
  readonly dockerfile?: DockerfileGiven;
  /** The stage to build. @default the last one */
  readonly target?: string;
  /** `os/architecture[/variant]` that the image is for; several, with commas, make an index of images. @default this machine's */
  readonly platform?: string;
  /** Values for ARG. @default {} */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Labels over those of the Dockerfile. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Names of the image: `REGISTRY/REPOSITORY:TAG`. @default [] */
  readonly tags?: readonly string[];
  /** Push to the registries of the tags: short for an output of type registry. @default false */
  readonly push?: boolean;
  /** Where the image goes. @default the local store, or the registry alone with `push` */
  readonly outputs?: readonly OutputSpec[];
  /** Annotations of manifests, of the index, and of their descriptors. @default [] */
  readonly annotations?: readonly Annotation[];
  /** Annotate manifests with when they were made: `org.opencontainers.image.created`. @default false */
  readonly createdAnnotation?: boolean;
  /** What outputs of images do when they do not say: see `rewriteTimestamp` of an output. @default false */
  readonly rewriteTimestamp?: boolean;
  /**
   * Seconds since the epoch that the image, its history and all files of new layers carry, older ones too; steps do not see it.
   * Excludes `sourceDateEpoch`. @default not set
   */
  readonly timestamp?: number;
  /** Build for each platform that all base images are there for, in place of `platform`. @default false */
  readonly allPlatforms?: boolean;
  /** The name of an index of the store that the image is added to; it is made where there is none. @default none */
  readonly manifest?: string;
  /** Media types of outputs that do not say which. @default "oci", but "docker" for outputs of that type */
  readonly format?: "oci" | "docker";
  /** Whether annotations of the base image's manifest are taken over; those of the build hold over them. @default false */
  readonly inheritAnnotations?: boolean;
  /** Annotations of the base image that are not taken over. @default [] */
  readonly unsetAnnotations?: readonly string[];
  /** `os.version` of the image. @default that of the platform, or of the base image */
  readonly osVersion?: string;
  /** Added to `os.features` of the base image; with "-" at the end of its name one is taken away. @default [] */
  readonly osFeatures?: readonly string[];
  /** Layers that become one. @default none */
  readonly squash?: Squash;
  /**
   * Build a second time under other conditions, and fail when the images differ. Implies `rewriteTimestamp`; where nothing says
   * SOURCE_DATE_EPOCH, both builds have the time at which the first began. Neither uses what was made before, or is kept in the
   * cache. @default false
   */
  readonly verifyReproducible?: boolean;
  /** Environment variables that the image is not to have, wherever they came from. @default [] */
  readonly unsetEnv?: readonly string[];
  /** Labels that the image is not to have, unless `labels` sets them. @default [] */
  readonly unsetLabels?: readonly string[];
  /** Whether stages take the labels of their base images over. @default true */
  readonly inheritLabels?: boolean;
  /** Leave out of the image what made it. @default false */
  readonly omitHistory?: boolean;
  /** Label the image with the version that built it: `io.tsbuild.version`. @default false */
  readonly identityLabel?: boolean;
  /** Named contexts: a directory, a git or http URL, `docker-image://…` or `oci-layout://…` by name. @default {} */
  readonly buildContexts?: Readonly<Record<string, string>>;
  /** A file with a source policy in BuildKit's JSON: what may be taken from elsewhere, and what in its place. @default everything */
  readonly sourcePolicy?: string;
  /** Take all that is elsewhere as the lock file says, and fail when it says nothing of it. @default false */
  readonly locked?: boolean;
  /** @default `<Dockerfile>.lock` beside the Dockerfile */
  readonly lockFile?: string;
  /** Shared caches that are asked, in order, for steps that the store does not know. @default [] */
  readonly cacheFrom?: readonly CacheSource[];
  /** Shared caches that get the steps of this build. @default [] */
  readonly cacheTo?: readonly CacheTarget[];
  /** auto: reads and writes `REPOSITORY:buildcache` of the first tag, as far as it may. @default none but those above */
  readonly cache?: "auto";
  /** Where RUN --mount=type=cache gets the content of mounts that this machine does not have. @default [] */
  readonly cacheMountsFrom?: readonly MountsSource[];
  /** Where the content of cache mounts goes when the build is done. @default [] */
  readonly cacheMountsTo?: readonly MountsTarget[];
  /** Take no step's result from the cache. @default false */
  readonly noCache?: boolean;
  /** Stages whose steps take no result from the cache. @default [] */
  readonly noCacheFilter?: readonly string[];
  /** Bytes on the disk that the cache may take, while the build runs and when it ends. @default what the store's `gc.json` says, else no limit */
  readonly cacheMax?: number;
  /** Milliseconds: results of steps that are older are not used; with 0 none is. @default their age does not matter */
  readonly cacheTtl?: number;
  /** Whether base images that are here already are looked up again. @default "missing" */
  readonly pull?: PullPolicy;
  /** Steps at work at the same time. @default twice the number of processors, at least 8: many steps wait for the network */
  readonly jobs?: number;
  /** `built-in`, the name or the path of an OCI runtime for RUN. @default the best there is */
  readonly ociRuntime?: string;
  /** The network of RUN steps that do not choose one: this machine's, unless it is "none" or "isolated". @default "default" */
  readonly network?: NetworkMode;
  /** What steps may ask for: `network.host`, `security.insecure`, `device` or `device=NAME`. @default [] */
  readonly allow?: readonly Entitlement[];
  /** What holds for all RUN steps: names, limits, capabilities, time. @default {} */
  readonly run?: RunSettings;
  /** Mounts of every RUN step: paths of this machine, tmpfs, caches, secrets, ssh agents. @default [] */
  readonly mounts?: readonly RunMount[];
  /** Devices of every RUN step, by their CDI names or the paths of their nodes. They need no `allow`. @default [] */
  readonly devices?: readonly RunDevice[];
  /** Values by id: for RUN --mount=type=secret, and HTTP_AUTH_* and GIT_AUTH_* for what is fetched. @default {} */
  readonly secrets?: Readonly<Record<string, SecretSource>>;
  /** Give away an image although the value of a secret is in it. @default false */
  readonly allowSecretInLayer?: boolean;
  /** By id: the socket of an ssh agent, or files with private keys; for RUN --mount=type=ssh, and `default` for git repositories. @default {} */
  readonly ssh?: Readonly<Record<string, string | readonly string[]>>;
  /** The store. @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
  readonly home?: string;
  /** Seconds since the epoch that new files, layers and history carry. @default the build argument SOURCE_DATE_EPOCH, the environment variable, else now */
  readonly sourceDateEpoch?: number;
  /** Called with a RUN step that failed, while what it left can be looked at; the build ends when it has returned. */
  readonly onStepFailure?: (failed: FailedBuildStep) => Promise<void>;
  /** Attach how the image was made. @default false */
  readonly provenance?: false | ProvenanceWanted;
  /** Tell in the result how each image was made: SLSA v0.2, of which `min` leaves out steps and metadata, as buildx does. @default false */
  readonly recordProvenance?: false | "min" | "max";
  /** Sign what is pushed: a file with a private key, or `env://NAME`. Its password is in $COSIGN_PASSWORD. @default nothing is signed */
  readonly signBy?: string;
  /** Attach the list of the software in the image. @default false */
  readonly sbom?: boolean;
  /** Told what of this machine the build reads: of the Dockerfile first, of the contexts when the plan is made. */
  readonly onReads?: (reads: BuildReads) => void;
  /** Ends the build: everything that runs is stopped, what is finished stays cached. */
  readonly signal?: AbortSignal;
  /** Told of everything that happens, in order. */
  readonly onEvent?: OnEvent;
}
