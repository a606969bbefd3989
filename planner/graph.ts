// The build graph: complete data before anything runs. An op is a pure function of its inputs' content.

import type { Digest, Descriptor, ImageConfig, Platform, Reference } from "../oci/index.js";
import type { Span } from "../parser/index.js";
import type { GitSource, HttpSource } from "../remote/index.js";
import type { SbomScans } from "./sbom-scans.js";

export interface BuildGraph {
  /** Inputs come before the vertices that use them. Only what the target needs is here. */
  readonly vertices: readonly Vertex[];
  /** The vertex whose filesystem is the image's. */
  readonly target: number;
  readonly image: ImagePlan;
  readonly warnings: readonly PlanWarning[];
  /** What an SBOM tells of beside the image. @default nothing */
  readonly scans?: SbomScans;
}

export interface Vertex {
  /** Index in `BuildGraph.vertices`. */
  readonly id: number;
  readonly op: Op;
  /** `[builder 2/5] RUN npm ci` */
  readonly name: string;
  readonly stage?: string;
  /** Which step of its stage it is. Absent for what is no step: contexts, and images that files are copied from. */
  readonly step?: StepNumber;
  /** In a plan for several platforms: what of them needs it first. */
  readonly platform?: string;
  readonly span?: Span;
  /** First and last line of the instruction. */
  readonly lines?: readonly [number, number];
  /** The flag that forbids to reuse a record; false when none does. */
  readonly noCache: NoCacheFlag | false;
}

/** As the name of the vertex has it: step 2 of 5. `WORKDIR /` is among the 5 and has no number, so the last ones may be missing. */
export interface StepNumber {
  /** From 1 on. */
  readonly number: number;
  readonly count: number;
}

export type NoCacheFlag = "--no-cache" | "--no-cache-filter" | "--verify-reproducible";

export type Op = ImageOp | ScratchOp | ContextOp | HttpOp | GitOp | RunOp | CopyOp | MakeDirectoryOp;

/** A base image, or an image that files are copied from. Layers are fetched only when something reads them. */
export interface ImageOp {
  readonly kind: "image";
  readonly image: ResolvedImage;
}

/** The empty root filesystem. */
export interface ScratchOp {
  readonly kind: "scratch";
}

/** A directory on this machine; read when the first COPY needs it. */
export interface ContextOp {
  readonly kind: "context";
  /** `context` for the build context, else the name of the named context. */
  readonly name: string;
  readonly directory: string;
  readonly ignore: IgnoreRules;
}

/** A file behind a URL; looked at anew in each build (S-197). */
export interface HttpOp {
  readonly kind: "http";
  readonly source: HttpSource;
  /** What the file is called. */
  readonly name: string;
  /** Whether an archive stands for the files in it: for named contexts. */
  readonly unpack: boolean;
}

/** The files of a commit; which commit a ref is, is looked up in each build. */
export interface GitOp {
  readonly kind: "git";
  readonly source: GitSource;
}

export interface IgnoreRules {
  /** The file that the patterns came from, as the user would name it. Absent when there is none. */
  readonly file?: string;
  readonly patterns: readonly { readonly text: string; readonly line: number }[];
}

/** default and host: this machine's. none: a loopback interface. isolated: one of the step's own that reaches what this machine reaches. */
export type NetworkMode = "default" | "none" | "host" | "isolated";

export interface RunOp {
  readonly kind: "run";
  readonly parent: number;
  /** With the SHELL in front for the shell form. */
  readonly args: readonly string[];
  /** `NAME=value`: image Env and declared ARGs, the later line wins (S-119). */
  readonly env: readonly string[];
  /** Not part of the key (S-056). */
  readonly proxyEnv: readonly string[];
  readonly cwd: string;
  /** As USER says it: `node`, `1000:1000`, `` for root. */
  readonly user: string;
  readonly network: NetworkMode;
  readonly security: "sandbox" | "insecure";
  readonly mounts: readonly RunMount[];
  /** Devices of this machine, by the names that CDI gives them. @default [] */
  readonly devices?: readonly RunDevice[];
  /** Files made available below /dev/pipes for heredocs with `#!` (S-033). */
  readonly scripts: readonly { readonly name: string; readonly content: string }[];
  readonly platform: Platform;
}

export interface RunDevice {
  /**
   * `vendor.com/class=name`; `vendor.com/class` for the first, `vendor.com/class=*` for all of the class. Of the command line also a
   * node: `/dev/fuse`, `/dev/fuse:/dev/other`, `/dev/fuse:/dev/other:rwm`.
   */
  readonly name: string;
  /** False: the step runs without it when it is not there. */
  readonly required: boolean;
}

export type RunMount =
  /** `input` is a vertex; absent for an empty one. */
  | {
      readonly type: "bind";
      readonly target: string;
      readonly input?: number;
      readonly source: string;
      readonly readonly: boolean;
    }
  /** A mode comes from the command line only. @default 0o755 */
  | { readonly type: "tmpfs"; readonly target: string; readonly size?: number; readonly mode?: number }
  /** A file or directory of this machine: from the command line only. */
  | { readonly type: "host"; readonly target: string; readonly source: string; readonly readonly: boolean }
  | {
      readonly type: "cache";
      readonly target: string;
      readonly id: string;
      readonly sharing: "shared" | "private" | "locked";
      readonly input?: number;
      readonly source: string;
      readonly readonly: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | {
      readonly type: "secret" | "ssh";
      readonly id: string;
      readonly target?: string;
      readonly env?: string;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    };

/** COPY and ADD of files. */
export interface CopyOp {
  readonly kind: "copy";
  /** What the destination is read from and written over. Ignored for the key when `link` is true (S-087). */
  readonly parent: number;
  readonly sources: readonly CopySource[];
  /** Absolute; ends in "/" when the instruction's did, or when it was "." or "" (S-076, S-079). */
  readonly destination: string;
  /** `user[:group]` as written and expanded; names are looked up in the parent's /etc/passwd. */
  readonly chown?: string;
  /** Where `--chown` and the destination are written. Not part of the key. */
  readonly places?: { readonly chown?: { readonly span: Span }; readonly destination: { readonly span: Span } };
  /** Octal or symbolic, as written and expanded. */
  readonly chmod?: string;
  readonly link: boolean;
  readonly exclude: readonly string[];
  readonly parents: boolean;
  /** ADD: a source file that is an archive is extracted. `auto` is ADD's default for local files. */
  readonly unpack: "never" | "auto" | "always";
}

export type CopySource =
  /** `path` is as written, expanded; a pattern when it has wildcards. `literal` for JSON form words too: they are patterns as well. */
  | {
      readonly kind: "files";
      readonly input: number;
      readonly path: string;
      readonly span: Span;
      /** A download: `path` is the name of the file and no pattern, and `unpack: "auto"` leaves it as it is (S-110). */
      readonly download?: true;
    }
  /** A heredoc: one file, 0644. */
  | { readonly kind: "inline"; readonly name: string; readonly content: string; readonly span: Span };

/** WORKDIR: makes the directory and its missing parents, owned by the current user; nothing when it is there (S-142). */
export interface MakeDirectoryOp {
  readonly kind: "mkdir";
  readonly parent: number;
  readonly path: string;
  readonly user: string;
}

/** What a reference stood for when the plan was made. */
export interface ResolvedImage {
  readonly reference: Reference;
  /** As the user wrote it. */
  readonly name: string;
  /** The manifest of the platform, not the index. */
  readonly manifest: Descriptor;
  /** What the name stands for: an index, or the manifest itself. Absent when nobody remembers. */
  readonly root?: Digest;
  readonly config: ImageConfig;
  /** Bottom first; `layers[i]` unpacks to `config.rootfs.diff_ids[i]`. */
  readonly layers: readonly Descriptor[];
  /** Where the blobs are: read by whoever resolved it. */
  readonly origin: ImageOrigin;
}

export type ImageOrigin =
  | { readonly kind: "store" }
  | { readonly kind: "registry"; readonly reference: Reference }
  | { readonly kind: "layout"; readonly directory: string }
  /** A shared cache, by the name that the build gave it; `reference` when it is a repository of a registry. */
  | { readonly kind: "cache"; readonly cache: string; readonly reference?: Reference };

/** The image config, complete but for what only the build knows: diff_ids and times. */
export interface ImagePlan {
  readonly config: ImageConfig;
  /** One for each new history entry, after the base's. `vertex` is absent for an entry without a layer. */
  readonly history: readonly PlannedHistory[];
}

export interface PlannedHistory {
  readonly created_by: string;
  readonly comment?: string;
  readonly author?: string;
  readonly vertex?: number;
}

export interface PlanWarning {
  readonly rule: string;
  readonly message: string;
  readonly url?: string;
  readonly span?: Span;
}

export type { Digest };
