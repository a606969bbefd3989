// The real docker-registry on a free loopback port, with storage of its own; over http or https, open or with passwords or tokens.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Registry {
  /** `localhost:PORT` */
  readonly host: string;
  /** What it logged so far, with a line for each request. */
  log(): string;
  /** Ends it and deletes its storage. */
  stop(): Promise<void>;
}

export interface RegistryOptions {
  readonly tls?: Certificates;
  /** Asks for a client certificate of the same authority. */
  readonly clientCertificate?: boolean;
  /** `password`: Basic, with `USER`. Otherwise a token server that signs with `certificate`. Default: open to all. */
  readonly auth?:
    | "password"
    | { readonly realm: string; readonly service: string; readonly issuer: string; readonly certificate: string };
}

/** The only user of a registry with passwords. */
export const USER = { username: "tester", password: "s3cret:with colon" };
/** Of `htpasswd -B`, for `USER`. */
const HTPASSWD = "tester:$2y$05$xOIzSb4eLq.DmDXPqA7sN.hflP2i47aGkjzHzO3B/ljQfURJDjR6y\n";

export interface Certificates {
  readonly directory: string;
  /** Files in PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-registry-"));
  const config = join(directory, "config.json");
  writeFileSync(join(directory, "htpasswd"), HTPASSWD);
  writeFileSync(config, JSON.stringify(configure(directory, options))); // JSON is YAML
  const child = spawn("docker-registry", ["serve", config], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env.PATH },
  });
  let log = "";
  child.stderr.on("data", (text: Buffer) => (log += text.toString()));
  const port = await listening(child, () => log);
  return {
    host: `localhost:${port}`,
    log: () => log,
    async stop() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      rmSync(directory, { recursive: true });
    },
  };
}

/** An authority, and a certificate of it for localhost and registry.test, made anew. `remove` deletes them. */
export function makeCertificates(): Certificates & { remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-certificates-"));
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
  const request = ["req", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  openssl(...request, "-x509", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=tsbuild test authority");
  openssl(...request, "-keyout", "localhost.key", "-out", "localhost.csr", "-subj", "/CN=localhost");
  writeFileSync(join(directory, "names"), "subjectAltName=DNS:localhost,DNS:registry.test,IP:127.0.0.1\n");
  openssl(
    "x509",
    "-req",
    "-in",
    "localhost.csr",
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    "names",
    "-out",
    "localhost.crt",
  );
  const path = (name: string) => join(directory, name);
  return {
    directory,
    ca: path("ca.crt"),
    cert: path("localhost.crt"),
    key: path("localhost.key"),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

function configure(directory: string, { tls, clientCertificate, auth }: RegistryOptions): object {
  const certificates = tls && {
    tls: { certificate: tls.cert, key: tls.key, ...(clientCertificate && { clientcas: [tls.ca] }) },
  };
  return {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, "storage") }, delete: { enabled: true } },
    http: { addr: "127.0.0.1:0", secret: "known to all", ...certificates },
    ...(auth && { auth: authentication(directory, auth) }),
  };
}

function authentication(directory: string, auth: NonNullable<RegistryOptions["auth"]>): object {
  if (auth === "password") return { htpasswd: { realm: "tsbuild tests", path: join(directory, "htpasswd") } };
  return { token: { realm: auth.realm, service: auth.service, issuer: auth.issuer, rootcertbundle: auth.certificate } };
}

async function listening(child: ChildProcess, log: () => string): Promise<number> {
  for (;;) {
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(log())?.[1];
    if (port !== undefined) return Number(port);
    if (child.exitCode !== null) throw new Error(`docker-registry ended: ${log()}`);
    await Promise.race([once(child.stderr!, "data"), once(child, "exit")]);
  }
}
