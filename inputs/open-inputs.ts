// The Dockerfile and the build context of one build, wherever they are: a directory, a stream, a URL, a git repository.
// https://docs.docker.com/build/concepts/context/

import { createReadStream, statSync } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import { unpackArchive } from "../filesystem/index.js";
import { type Digest, throwIfInterrupted } from "../oci/index.js";
import type { DirectoryContext } from "../planner/index.js";
import { type BuildFact, reportWork, type WorkReporter } from "../progress.js";
import { fileNameOf, type GitSource, type HttpSource, isHttpUrl, parseGitSource, redactUrl } from "../remote/index.js";
import { sniff, unpackOnce } from "./archive.js";
import { checkDirectory, directoryContext } from "./build-contexts.js";
import {
  type DockerfileGiven,
  type DockerfileSource,
  readDockerfile,
  readDockerfileText,
  readForeignDockerfile,
} from "./dockerfile.js";
import { emptyDirectory, type FetchOptions } from "./fetch.js";
import { newestFile } from "./newest-file.js";
import { fetchGit } from "./fetch-git.js";
import { fetchHttp } from "./fetch-http.js";

/** A directory, the URL of a git repository, an archive or a Dockerfile; or a stream with an archive or a Dockerfile. */
export type ContextGiven = string | { readonly stream: Readable };

export interface InputsGiven {
  readonly context: ContextGiven;
  readonly dockerfile?: DockerfileGiven;
  /** `BUILDKIT_CONTEXT_KEEP_GIT_DIR` says whether `.git` of a repository stays. */
  readonly buildArgs?: Readonly<Record<string, string>>;
}

export interface OpenInputsOptions extends FetchOptions {
  readonly emit: (fact: BuildFact) => void;
  /** Decides what is fetched for a build context or a Dockerfile that is elsewhere. @default the same */
  readonly resolveSource?: <Source extends HttpSource | GitSource>(source: Source) => Source | Promise<Source>;
}

export interface BuildInputs {
  readonly dockerfile: DockerfileSource;
  readonly context: DirectoryContext;
  /** Where the context came from, when it is not of this machine. */
  readonly origin?: InputOrigin;
}

/** Without user and password. */
export type InputOrigin = {
  readonly uri: string;
  /** When it was made: seconds since the epoch; undefined when nothing tells. */
  readonly date: () => number | undefined;
} & ({ readonly digest: Digest } | { readonly commit: string });

/** What a context turned out to be. */
type Opened =
  | { readonly kind: "local"; readonly directory: string }
  | { readonly kind: "foreign"; readonly directory: string; readonly name: string; readonly origin?: InputOrigin }
  | { readonly kind: "dockerfile"; readonly content: Buffer; readonly name: string; readonly origin?: InputOrigin };

/** @throws context_not_found, dockerfile_not_found, bad_context, bad_archive, and what fetching a source throws */
export async function openInputs(given: InputsGiven, options: OpenInputsOptions): Promise<BuildInputs> {
  const opened = await openContext(given, options);
  const dockerfile = await downloadedDockerfile(given.dockerfile, options);
  switch (opened.kind) {
    case "local": {
      checkDirectory(opened.directory);
      const source = readDockerfile(opened.directory, dockerfile);
      return { dockerfile: source, context: directoryContext(opened.directory, source.file) };
    }
    case "foreign":
      return {
        dockerfile: readForeignDockerfile(opened.directory, opened.name, dockerfile),
        context: unfiltered(opened.directory),
        ...(opened.origin && { origin: opened.origin }),
      };
    case "dockerfile":
      if (dockerfile !== undefined) throw twoDockerfiles(opened.name);
      return {
        dockerfile: { content: opened.content, path: "Dockerfile" },
        context: unfiltered(emptyDirectory(options.store, "context")),
        ...(opened.origin && { origin: opened.origin }),
      };
  }
}

/** What was made elsewhere is taken as it is: .dockerignore is not applied (S-186). */
function unfiltered(directory: string): DirectoryContext {
  return { directory, ignore: { patterns: [] } };
}

async function openContext({ context, buildArgs = {} }: InputsGiven, options: OpenInputsOptions): Promise<Opened> {
  if (typeof context === "object")
    return report(options, "[internal] load build context from a stream", () => openStream(context.stream, options));
  const git = parseGitSource(context, { bare: !statSync(context, { throwIfNoEntry: false }) });
  if (git)
    return openGit(git, context, /^(?:1|t|true)$/i.test(buildArgs["BUILDKIT_CONTEXT_KEEP_GIT_DIR"] ?? ""), options);
  if (isHttpUrl(context))
    return report(options, `[internal] load remote build context ${redactUrl(context)}`, (work) =>
      openUrl(context, options, work),
    );
  return { kind: "local", directory: context };
}

function report<Value>(
  { emit }: OpenInputsOptions,
  name: string,
  work: (report: WorkReporter) => Promise<Value>,
): Promise<Value> {
  return reportWork(emit, "context", name, work);
}

async function openStream(stream: Readable, options: OpenInputsOptions): Promise<Opened> {
  if (options.signal) addAbortSignal(options.signal, stream);
  try {
    return await readStream(stream, options);
  } catch (error) {
    throwIfInterrupted(options.signal);
    throw error;
  }
}

async function readStream(stream: Readable, { store, signal }: OpenInputsOptions): Promise<Opened> {
  const { isArchive, content, close } = await sniff(stream);
  try {
    if (!isArchive)
      return {
        kind: "dockerfile",
        content: await readDockerfileText(content, "what was given as the build context"),
        name: "the stream",
      };
    const directory = emptyDirectory(store, "context");
    await unpackArchive(content, directory, signal ? { signal } : {});
    return { kind: "foreign", directory, name: "the archive" };
  } finally {
    await close();
  }
}

async function openGit(git: GitSource, url: string, keepGitDir: boolean, options: OpenInputsOptions): Promise<Opened> {
  const source = await resolved(keepGitDir ? { ...git, keepGitDir } : git, options);
  const { directory, commit } = await report(options, `[internal] load git source ${redactUrl(url)}`, () =>
    fetchGit(source, withAgent(options)),
  );
  const origin = { uri: redactUrl(url), commit, date: () => newestFile(directory) };
  return { kind: "foreign", directory, name: redactUrl(url), origin };
}

async function resolved<Source extends HttpSource | GitSource>(
  source: Source,
  { resolveSource = (given) => given }: OpenInputsOptions,
): Promise<Source> {
  return resolveSource(source);
}

/** Whoever names the repository on the command line means their own keys. */
function withAgent(options: OpenInputsOptions): OpenInputsOptions {
  const { value, agent } = options.secrets;
  const own = process.env["SSH_AUTH_SOCK"];
  return {
    ...options,
    secrets: { value, agent: (id) => agent(id) ?? (id === "default" && own ? [own] : undefined) },
  };
}

async function openUrl(url: string, options: OpenInputsOptions, work: WorkReporter): Promise<Opened> {
  const onProgress = (current: number, total?: number) => work.transfer("downloading", current, total ?? current);
  const file = await fetchHttp(await resolved({ url }, options), { ...options, onProgress });
  const directory = await unpackOnce(options.store, file, options.signal);
  const name = redactUrl(url);
  const modified = file.mtime === 0 ? undefined : file.mtime;
  const date = () => modified ?? (directory === undefined ? undefined : newestFile(directory));
  const origin = { uri: name, digest: file.digest, date };
  if (directory !== undefined) return { kind: "foreign", directory, name, origin };
  const { content } = await sniff(createReadStream(file.path));
  return {
    kind: "dockerfile",
    content: await readDockerfileText(content, `"${name}"`),
    name,
    origin,
  };
}

async function downloadedDockerfile(
  given: DockerfileGiven | undefined,
  options: OpenInputsOptions,
): Promise<DockerfileGiven | undefined> {
  if (typeof given !== "string" || !isHttpUrl(given)) return given;
  const { path } = await reportWork(
    options.emit,
    "dockerfile download",
    `[internal] load remote ${fileNameOf(given)}`,
    async () => fetchHttp(await resolved({ url: given }, options), options),
  );
  const content = await readDockerfileText(createReadStream(path), `"${redactUrl(given)}"`);
  return { content: content.toString() };
}

function twoDockerfiles(name: string): TsbuildError {
  return new TsbuildError(
    "usage",
    `expected an archive as the build context beside a Dockerfile, found a Dockerfile in ${name}`,
    {
      hint: "Leave out -f, or give a directory as the build context.",
    },
  );
}
