// Private keys in files: OpenSSH's own format, and PEM.
// https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key and https://www.rfc-editor.org/rfc/rfc8332

import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign } from "node:crypto";
import { TsbuildError } from "../errors.js";
import { wireInteger, WireReader, wireString } from "./wire.js";

export interface AgentKey {
  /** The public key, as ssh sends it. */
  readonly blob: Buffer;
  readonly comment: string;
  /** @param flags of the sign request: which hash a signature of RSA uses */
  sign(data: Uint8Array, flags: number): Buffer;
}

const MAGIC = "openssh-key-v1\0";
const RSA_SHA2_256 = 2;
const RSA_SHA2_512 = 4;

/** @param name of the file, for messages and as the key's comment. @throws bad_value */
export function parsePrivateKey(text: string, name: string): AgentKey {
  try {
    const own = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1];
    return own === undefined ? agentKey(createPrivateKey(text), name) : parseOpenSsh(Buffer.from(own, "base64"), name);
  } catch (cause) {
    if (cause instanceof TsbuildError) throw cause;
    const reason = /passphrase|decrypt|interrupted/i.test(String(cause))
      ? "it has a passphrase"
      : "it is no private key that tsbuild knows";
    throw badKey(name, reason, cause);
  }
}

function badKey(name: string, reason: string, cause?: unknown): TsbuildError {
  return new TsbuildError("bad_value", `the ssh key "${name}" cannot be used: ${reason}`, {
    cause,
    hint: "Load it into ssh-agent with ssh-add, and pass the agent's socket.",
  });
}

function parseOpenSsh(bytes: Buffer, name: string): AgentKey {
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC, "latin1"))) throw badKey(name, "it is damaged");
  const outer = new WireReader(bytes.subarray(MAGIC.length));
  if (outer.string().toString() !== "none") throw badKey(name, "it has a passphrase");
  outer.string(); // the way to derive a key from the passphrase, and its options
  outer.string();
  if (outer.number() !== 1) throw badKey(name, "it holds several keys");
  outer.string(); // the public key, which the private part has too
  const inner = new WireReader(outer.string());
  if (inner.number() !== inner.number()) throw badKey(name, "it is damaged");
  return agentKey(createPrivateKey({ key: readJwk(inner, name), format: "jwk" }), name);
}

const url = (bytes: Buffer): string => bytes.toString("base64url");
/** Without the zero that keeps a large number positive. */
const positive = (bytes: Buffer): string => url(bytes[0] === 0 ? bytes.subarray(1) : bytes);

function readJwk(reader: WireReader, name: string): JsonWebKey {
  const type = reader.string().toString();
  if (type === "ssh-ed25519") {
    const [x, secret] = [reader.string(), reader.string()];
    return { kty: "OKP", crv: "Ed25519", x: url(x), d: url(secret.subarray(0, 32)) };
  }
  if (type === "ssh-rsa") return readRsa(reader);
  const curve = CURVES.find(({ ssh }) => type === `ecdsa-sha2-${ssh}`);
  if (!curve) throw badKey(name, `keys of type ${type} are not supported`);
  reader.string(); // the curve once more
  const [point, secret] = [reader.string(), reader.string()];
  const coordinate = (point.length - 1) / 2;
  const d =
    secret.length > coordinate
      ? secret.subarray(-coordinate)
      : Buffer.concat([Buffer.alloc(coordinate - secret.length), secret]);
  return {
    kty: "EC",
    crv: curve.jwk,
    x: url(point.subarray(1, 1 + coordinate)),
    y: url(point.subarray(1 + coordinate)),
    d: url(d),
  };
}

function readRsa(reader: WireReader): JsonWebKey {
  const [n = "", e = "", d = "", qi = "", p = "", q = ""] = Array.from({ length: 6 }, () => positive(reader.string()));
  const [secret, one] = [BigInt(`0x${Buffer.from(d, "base64url").toString("hex")}`), 1n];
  const exponent = (prime: string) => {
    const hex = (secret % (BigInt(`0x${Buffer.from(prime, "base64url").toString("hex")}`) - one)).toString(16);
    return url(Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex"));
  };
  return { kty: "RSA", n, e, d, p, q, dp: exponent(p), dq: exponent(q), qi };
}

const CURVES = [
  { ssh: "nistp256", jwk: "P-256", hash: "sha256" },
  { ssh: "nistp384", jwk: "P-384", hash: "sha384" },
  { ssh: "nistp521", jwk: "P-521", hash: "sha512" },
];

function agentKey(key: KeyObject, name: string): AgentKey {
  const { kty, crv, n = "", e = "", x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  const bytes = (text: string) => Buffer.from(text, "base64url");
  if (kty === "RSA") {
    const blob = Buffer.concat([wireString("ssh-rsa"), wireInteger(bytes(e)), wireInteger(bytes(n))]);
    return { blob, comment: name, sign: (data, flags) => signRsa(key, data, flags) };
  }
  if (crv === "Ed25519") {
    const blob = Buffer.concat([wireString("ssh-ed25519"), wireString(bytes(x))]);
    return { blob, comment: name, sign: (data) => signature("ssh-ed25519", sign(null, data, key)) };
  }
  const curve = CURVES.find(({ jwk }) => jwk === crv);
  if (!curve) throw badKey(name, `keys of type ${crv ?? kty} are not supported`);
  const type = `ecdsa-sha2-${curve.ssh}`;
  const blob = Buffer.concat([
    wireString(type),
    wireString(curve.ssh),
    wireString(Buffer.concat([Buffer.of(4), bytes(x), bytes(y)])),
  ]);
  return {
    blob,
    comment: name,
    sign: (data) => signature(type, ecdsa(sign(curve.hash, data, { key, dsaEncoding: "ieee-p1363" }))),
  };
}

const signature = (type: string, value: Uint8Array): Buffer => Buffer.concat([wireString(type), wireString(value)]);

function ecdsa(pair: Buffer): Buffer {
  const half = pair.length / 2;
  return Buffer.concat([wireInteger(pair.subarray(0, half)), wireInteger(pair.subarray(half))]);
}

function signRsa(key: KeyObject, data: Uint8Array, flags: number): Buffer {
  if (flags & RSA_SHA2_512) return signature("rsa-sha2-512", sign("sha512", data, key));
  if (flags & RSA_SHA2_256) return signature("rsa-sha2-256", sign("sha256", data, key));
  return signature("ssh-rsa", sign("sha1", data, key));
}
