// Which sources of ADD are elsewhere: files behind URLs, and git repositories.
// https://docs.docker.com/reference/dockerfile/#add

import { isDigest } from "../oci/index.js";
import { type AddInstruction, type CopyInstruction, DockerfileError, type Span } from "../parser/index.js";
import { fileNameOf, type GitSource, type HttpSource, isHttpUrl, parseGitSource, redactUrl } from "../remote/index.js";
import { at } from "./error.js";
import type { CopySource, Op, Vertex } from "./graph.js";
import type { Planning } from "./state.js";

/** A source with its variables put in. */
export type TransferSource =
  | { readonly kind: "local"; readonly path: string; readonly span: Span }
  | { readonly kind: "http"; readonly source: HttpSource; readonly span: Span }
  | { readonly kind: "git"; readonly source: GitSource; readonly span: Span };

/**
 * Tells the sources apart. COPY takes none from elsewhere (S-114).
 * @param checksum as `--checksum` says it, with its variables put in
 * @throws DockerfileError for a URL that cannot be, or flags that do not fit the sources
 */
export function transferSources(
  instruction: CopyInstruction | AddInstruction,
  words: readonly string[],
  checksum?: string,
): readonly TransferSource[] {
  const sources = words.map((word, index) => classify(word, instruction.sources[index]!.span));
  if (instruction.kind === "COPY") refuseAll(sources);
  if (instruction.kind === "COPY") return sources;
  if (checksum !== undefined) checkSingle(instruction, sources);
  checkKeepGitDir(instruction, sources);
  return sources.map((source) => withFlags(source, instruction, checksum));
}

function classify(word: string, span: Span): TransferSource {
  const git = parseGit(word, span);
  if (git) return { kind: "git", source: git, span };
  if (isHttpUrl(word)) return { kind: "http", source: { url: word }, span };
  if (!/^https?:\/\//i.test(word)) return { kind: "local", path: word, span };
  throw new DockerfileError("bad_http_source", `expected a URL, found "${redactUrl(word)}"`, span, {
    hint: "Write it as https://HOST/PATH.",
  });
}

function parseGit(word: string, span: Span): GitSource | undefined {
  try {
    return parseGitSource(word);
  } catch (error) {
    throw at(span, error);
  }
}

function refuseAll(sources: readonly TransferSource[]): void {
  for (const source of sources) {
    if (source.kind === "local") continue;
    const [kind, url] =
      source.kind === "git" ? ["a git repository", source.source.remote] : ["a URL", source.source.url];
    throw new DockerfileError(
      "bad_value",
      `expected a path in the build context, found ${kind}, "${redactUrl(url!)}"`,
      source.span,
      { hint: "Use ADD for it." },
    );
  }
}

/** One checksum says nothing about several sources (S-112). */
function checkSingle({ checksum, heredocs }: AddInstruction, sources: readonly TransferSource[]): void {
  const { span } = checksum!;
  if (sources.length + heredocs.length !== 1) {
    throw new DockerfileError(
      "bad_flag_value",
      `expected one source with --checksum, found ${sources.length + heredocs.length}`,
      span,
      { hint: "Write an ADD for each source." },
    );
  }
  if (sources[0]!.kind !== "local") return;
  throw new DockerfileError(
    "bad_flag_value",
    "expected a URL or a git repository with --checksum, found local files",
    span,
    {
      hint: "Remove --checksum; local files are compared by their content anyway.",
    },
  );
}

function checkKeepGitDir({ keepGitDir, flags, span }: AddInstruction, sources: readonly TransferSource[]): void {
  if (!keepGitDir || sources.some(({ kind }) => kind === "git")) return;
  const place = flags.find(({ name }) => name === "keep-git-dir")?.span ?? span;
  throw new DockerfileError("bad_flag_value", "expected a git repository with --keep-git-dir, found none", place, {
    hint: "Remove --keep-git-dir.",
  });
}

function withFlags(source: TransferSource, instruction: AddInstruction, checksum: string | undefined): TransferSource {
  if (source.kind === "http") return { ...source, source: withDigest(source.source, instruction, checksum) };
  return source.kind === "git" ? { ...source, source: withCommit(source, instruction, checksum) } : source;
}

function withDigest(source: HttpSource, { checksum: word }: AddInstruction, checksum: string | undefined): HttpSource {
  if (checksum === undefined) return source;
  if (isDigest(checksum)) return { ...source, checksum };
  throw new DockerfileError("bad_flag_value", `expected sha256: and 64 hex digits, found "${checksum}"`, word!.span, {
    hint: "Write the checksum that sha256sum prints, with sha256: before it.",
  });
}

/** What the flags and the URL both say must be the same. */
function withCommit(
  { source, span }: TransferSource & { kind: "git" },
  instruction: AddInstruction,
  checksum: string | undefined,
): GitSource {
  const { keepGitDir, checksum: word } = instruction;
  if (checksum !== undefined && !/^[0-9a-f]{4,64}$/i.test(checksum)) {
    throw new DockerfileError("bad_flag_value", `expected a commit's hash, found "${checksum}"`, word!.span, {
      hint: "Write the hash that git rev-parse prints.",
    });
  }
  const commit = checksum?.toLowerCase();
  const differs = (flag: unknown, query: unknown) => flag !== undefined && query !== undefined && flag !== query;
  if (differs(commit, source.checksum)) throw contradiction("--checksum", word!.span);
  if (differs(keepGitDir, source.keepGitDir)) throw contradiction("--keep-git-dir", span);
  return {
    ...source,
    ...(commit !== undefined && { checksum: commit }),
    ...(keepGitDir !== undefined && { keepGitDir }),
  };
}

function contradiction(flag: string, span: Span): DockerfileError {
  return new DockerfileError("bad_flag_value", `${flag} and the URL say different things`, span, {
    hint: "Say it in one of them.",
  });
}

/** The vertex that fetches a source, and what of it is copied. */
export function remoteSource(
  source: TransferSource & { kind: "http" | "git" },
  place: Pick<Vertex, "stage" | "span" | "lines">,
  { vertices, options: { resolveSource } }: Planning,
): CopySource {
  const { span } = source;
  const fetch = (op: Op, url: string) =>
    vertices.share(`fetch ${JSON.stringify(op)}`, () => ({ ...place, op, name: redactUrl(url) }));
  if (source.kind === "git") {
    const op: Op = { kind: "git", source: resolveSource?.(source.source, span) ?? source.source };
    return { kind: "files", input: fetch(op, gitName(source.source)), path: "/", span };
  }
  const name = fileNameOf(source.source.url);
  const op: Op = { kind: "http", source: resolveSource?.(source.source, span) ?? source.source, name, unpack: false };
  const input = fetch(op, source.source.url);
  return { kind: "files", input, path: name, span, download: true };
}

function gitName({ remote, ref }: GitSource): string {
  return ref === undefined ? remote : `${remote}#${ref}`;
}
