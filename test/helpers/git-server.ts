// Git repositories made by a test, served over http on loopback by git's own `git http-backend`.
// https://git-scm.com/docs/git-http-backend

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

const ENV = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@x.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@x.org",
};

export class GitServer {
  readonly #server: Server;
  readonly directory: string;
  /** What every request must carry. */
  authorization: string | undefined;
  /** `GET /x.git/info/refs`, in order. */
  readonly log: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.directory = mkdtempSync(join(tmpdir(), "tsbuild-git-"));
    server.on("request", (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response));
  }

  static async start(): Promise<GitServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new GitServer(server);
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(name: string): string {
    return `http://${this.host}/${name}`;
  }

  /** A new empty repository, served as `name`. */
  repository(name: string): Repository {
    return new Repository(join(this.directory, name), this.url(name));
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.directory, { recursive: true, force: true });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.log.push(`${request.method} ${request.url!.replace(/\?.*/, "")}`);
    if (this.authorization === undefined || request.headers.authorization === this.authorization)
      return void this.#runBackend(request, response);
    response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
  }

  async #runBackend(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, "http://x");
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    const env = {
      ...ENV,
      GIT_PROJECT_ROOT: this.directory,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: String(body.length),
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    };
    const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "ignore"] });
    child.stdin.on("error", () => {}); // it may end without reading
    child.stdin.end(body);
    const output: Buffer[] = [];
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) output.push(chunk);
    sendCgi(Buffer.concat(output), response);
  }
}

function sendCgi(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf("\r\n\r\n");
  const headers = output
    .subarray(0, end)
    .toString("latin1")
    .split("\r\n")
    .map((line) => line.split(/:\s*/, 2) as [string, string]);
  const status = headers.find(([name]) => name === "Status")?.[1] ?? "200";
  response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== "Status")));
  response.end(output.subarray(end + 4));
}

/** A bare repository, with a work tree beside it in which commits are made. */
export class Repository {
  readonly url: string;
  readonly path: string;
  readonly #work: string;

  constructor(path: string, url: string) {
    this.path = path;
    this.url = url;
    this.#work = `${path}.work`;
    mkdirSync(path, { recursive: true });
    this.#run(path, "init", "--quiet", "--bare", "--initial-branch=main");
    this.#run(dirname(path), "clone", "--quiet", path, this.#work);
    this.git("checkout", "--quiet", "-B", "main");
  }

  /** Runs git in the work tree. @returns what it prints, trimmed */
  git(...args: readonly string[]): string {
    return this.#run(this.#work, ...args);
  }

  /** Commits files to the current branch and pushes all branches and tags. @returns the commit */
  commit(files: Readonly<Record<string, string>>, date = "2020-02-02T02:02:02Z"): string {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.#work, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    this.git("add", "--all");
    execFileSync("git", ["commit", "--quiet", "--allow-empty", "-m", "change"], {
      cwd: this.#work,
      env: { ...ENV, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date },
      stdio: "pipe",
    });
    this.push();
    return this.git("rev-parse", "HEAD");
  }

  /**
   * Adds another repository as a submodule; the next commit has it. Nothing is fetched, since the server runs in this
   * very process.
   * @param url may be relative
   */
  addSubmodule(url: string, path: string, commit: string): void {
    this.git("config", "--file", ".gitmodules", `submodule.${path}.path`, path);
    this.git("config", "--file", ".gitmodules", `submodule.${path}.url`, url);
    this.git("update-index", "--add", "--cacheinfo", `160000,${commit},${path}`);
    mkdirSync(join(this.#work, path), { recursive: true });
  }

  push(): void {
    this.git("push", "--quiet", "--force", "--all");
    this.git("push", "--quiet", "--force", "--tags");
  }

  get work(): string {
    return this.#work;
  }

  #run(cwd: string, ...args: readonly string[]): string {
    return execFileSync("git", args, {
      cwd,
      env: ENV,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 20_000,
    }).trim();
  }
}
