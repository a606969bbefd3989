// Certificates: whom to trust, and who we are, for each host.
// https://docs.docker.com/engine/security/certificates/

import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { rootCertificates, type SecureContextOptions } from "node:tls";
import { TsbuildError } from "../errors.js";
import type { Environment } from "./proxy.js";

/** Where distributions keep the authorities that the whole machine trusts. The first that exists counts. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

const PEM = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/;

export interface CertificateSources {
  readonly environment: Environment;
  /** Directories with one folder for each `host[:port]`. Default: those of Docker and Podman. */
  readonly directories?: readonly string[];
  /** A folder with certificates for all hosts, beside those of the host's own. */
  readonly directory?: string;
}

/**
 * Authorities and client certificate for `host` (with its port, if any). Authorities are those of SSL_CERT_FILE or else the
 * system (or else Node's own), of TSBUILD_EXTRA_CA_CERTS or NODE_EXTRA_CA_CERTS, and `*.crt` in the host's folder; the client
 * certificate is `NAME.cert` with `NAME.key` there.
 */
export function secureContextFor(
  host: string,
  { environment, directories = certificateDirectories(environment), directory }: CertificateSources,
): SecureContextOptions {
  if (directory !== undefined && !existsSync(directory))
    throw new TsbuildError("bad_value", `expected certificates in "${directory}", found no such directory`, {
      hint: "Check the path given with --cert-dir.",
    });
  const folders = [...(directory === undefined ? [] : [directory]), ...directories.map((each) => join(each, host))];
  const own = folders.flatMap((folder) =>
    filesIn(folder, ".crt").map((file) => expectCertificate(file, readFile(file))),
  );
  const client = folders.flatMap(clientCertificate)[0];
  return { ca: [...trusted(environment), ...own], ...client };
}

function trusted(environment: Environment): string[] {
  const { SSL_CERT_FILE } = environment;
  const system = SSL_CERT_FILE
    ? namedBundle(SSL_CERT_FILE, "SSL_CERT_FILE")
    : SYSTEM_BUNDLES.map(readFile).find(Boolean);
  const extra = extraOf(environment);
  return [
    ...(system === undefined ? rootCertificates : [system]),
    ...(extra === "" || extra === system ? [] : [extra]),
  ];
}

/** Of Node's own variable Node tells itself. */
function extraOf({ TSBUILD_EXTRA_CA_CERTS, NODE_EXTRA_CA_CERTS }: Environment): string {
  if (TSBUILD_EXTRA_CA_CERTS) return namedBundle(TSBUILD_EXTRA_CA_CERTS, "TSBUILD_EXTRA_CA_CERTS");
  return NODE_EXTRA_CA_CERTS ? readFile(NODE_EXTRA_CA_CERTS) : "";
}

/** @throws bad_value when the file that a variable names has no certificates */
function namedBundle(file: string, variable: string): string {
  try {
    return expectCertificate(file, readFileSync(file, "utf8"));
  } catch (cause) {
    const found =
      cause instanceof TsbuildError ? cause.message : `cannot read "${file}": ${(cause as NodeJS.ErrnoException).code}`;
    throw new TsbuildError("bad_value", `${variable}: ${found}`, { hint: `Correct ${variable}, or unset it.`, cause });
  }
}

/** What is none, OpenSSL would pass over in silence. @throws bad_value */
function expectCertificate(file: string, text: string): string {
  const [first = ""] = PEM.exec(text) ?? [];
  try {
    if (text !== "") new X509Certificate(first);
    return text;
  } catch (cause) {
    throw new TsbuildError("bad_value", `expected a certificate in PEM in "${file}", found something else`, {
      hint: "Write it as PEM, or remove the file.",
      cause,
    });
  }
}

function certificateDirectories({ XDG_CONFIG_HOME }: Environment): string[] {
  const own = XDG_CONFIG_HOME || join(homedir(), ".config");
  return [
    join(own, "containers/certs.d"),
    join(own, "docker/certs.d"),
    "/etc/containers/certs.d",
    "/etc/docker/certs.d",
  ];
}

function clientCertificate(folder: string): { cert: string; key: string }[] {
  return filesIn(folder, ".cert").map((file) => ({ cert: readFile(file), key: keyOf(file) }));
}

function keyOf(certificate: string): string {
  const file = certificate.replace(/cert$/, "key");
  const key = readFile(file);
  if (key !== "") return key;
  throw new TsbuildError(
    "bad_value",
    `client certificate "${certificate}": expected its key in "${file}", found none`,
    {
      hint: "Put the key there, or name a file with an authority's certificate *.crt.",
    },
  );
}

function filesIn(folder: string, suffix: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(suffix));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** The text of a file; empty when there is none. */
function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isAbsent(error)) return "";
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");
}
