// Keys to sign with, and to verify with: PEM, and the encrypted form that cosign makes.
// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md, RFC 7468, RFC 5958

import { createPrivateKey, createPublicKey, type KeyObject, scryptSync, sign, verify } from "node:crypto";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import * as v from "valibot";
import { TsbuildError } from "../errors.js";

const PEM = /-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/;
const ENCRYPTED = ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"];

/** Cosign's wrapping of a private key: a password stretched by scrypt opens a secretbox of NaCl. */
const wrapSchema = v.object({
  kdf: v.object({
    name: v.literal("scrypt"),
    params: v.object({
      N: v.pipe(v.number(), v.maxValue(1 << 20)),
      r: v.pipe(v.number(), v.maxValue(64)),
      p: v.pipe(v.number(), v.maxValue(64)),
    }),
    salt: v.string(),
  }),
  cipher: v.object({ name: v.literal("nacl/secretbox"), nonce: v.string() }),
  ciphertext: v.string(),
});

/** @param password of an encrypted key; asked for only when the key is one. @throws bad_key */
export function readPrivateKey(text: string, password: () => string | undefined): KeyObject {
  const [, label = "", body = ""] = PEM.exec(text) ?? [];
  if (ENCRYPTED.includes(label)) return unwrapped(body, neededPassword(password));
  const isEncrypted = label === "ENCRYPTED PRIVATE KEY" || text.includes("Proc-Type: 4,ENCRYPTED");
  const passphrase = isEncrypted ? { passphrase: neededPassword(password) } : {};
  return usable(() => createPrivateKey({ key: text, ...passphrase }), "private");
}

/** @throws bad_key */
export function readPublicKey(text: string): KeyObject {
  return usable(() => createPublicKey(text), "public");
}

/** ECDSA and RSA of the SHA-256 of the bytes, Ed25519 of the bytes themselves: as cosign signs. */
export function signBytes(bytes: Uint8Array, key: KeyObject): Buffer {
  return sign(hashFor(key), bytes, key);
}

export function verifyBytes(bytes: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  return verify(hashFor(key), bytes, key, signature);
}

function hashFor({ asymmetricKeyType }: KeyObject): string | null {
  return asymmetricKeyType === "ed25519" ? null : "sha256";
}

function usable(read: () => KeyObject, kind: "private" | "public"): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw badKey(`expected a ${kind} key in PEM, found something else or a wrong password`, cause);
  }
  if (["ec", "rsa", "ed25519"].includes(key.asymmetricKeyType ?? "")) return key;
  throw badKey(`expected a key of ECDSA, RSA or Ed25519, found one of ${key.asymmetricKeyType}`);
}

function neededPassword(password: () => string | undefined): string {
  const given = password();
  if (given !== undefined) return given;
  throw new TsbuildError("bad_key", "the key is encrypted, and there is no password for it", {
    hint: "Give it in the environment variable COSIGN_PASSWORD.",
  });
}

function unwrapped(body: string, password: string): KeyObject {
  const wrap = v.safeParse(wrapSchema, parseOrUndefined(Buffer.from(body, "base64").toString("utf8")));
  if (!wrap.success) throw badKey("expected a key that cosign encrypted, found something else");
  const { kdf, cipher, ciphertext } = wrap.output;
  const { N, r, p } = kdf.params;
  try {
    const stretched = scryptSync(password, bytes(kdf.salt), 32, { N, r, p, maxmem: 256 * N * r });
    const key = Buffer.from(xsalsa20poly1305(stretched, bytes(cipher.nonce)).decrypt(bytes(ciphertext)));
    return usable(() => createPrivateKey({ key, format: "der", type: "pkcs8" }), "private");
  } catch (cause) {
    if (cause instanceof TsbuildError) throw cause;
    throw badKey("the password does not open the key", cause);
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told as a key that is none
  }
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));

function badKey(message: string, cause?: unknown): TsbuildError {
  return new TsbuildError("bad_key", message, {
    cause,
    hint: "Make a key with: openssl ecparam -genkey -name prime256v1 -noout.",
  });
}
