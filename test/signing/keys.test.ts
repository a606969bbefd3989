import { execFileSync } from "node:child_process";
import { generateKeyPairSync, scryptSync } from "node:crypto";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { describe, expect, test } from "vitest";
import { signBytes, verifyBytes } from "../../signing/keys.js";
import { readPrivateKey, readPublicKey } from "../../signing/index.js";

const MESSAGE = Buffer.from("message");
const noPassword = () => undefined;

function openssl(args: readonly string[], input?: string): string {
  return execFileSync("openssl", args, {
    encoding: "utf8",
    ...(input !== undefined && { input }),
    stdio: ["pipe", "pipe", "ignore"],
  });
}

/** https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
describe("keys that openssl made sign, and their public keys verify", () => {
  test.each([
    ["ECDSA P-256", ["ecparam", "-genkey", "-name", "prime256v1", "-noout"]],
    ["RSA", ["genrsa", "2048"]],
    ["Ed25519", ["genpkey", "-algorithm", "ed25519"]],
  ])("%s", (_, args) => {
    const pem = openssl(args);
    const key = readPrivateKey(pem, noPassword);
    const publicKey = readPublicKey(openssl(["pkey", "-pubout"], pem));
    const signature = signBytes(MESSAGE, key);
    expect(verifyBytes(MESSAGE, publicKey, signature)).toBe(true);
    expect(verifyBytes(Buffer.from("another"), publicKey, signature)).toBe(false);
  });
});

describe("encrypted keys", () => {
  const pem = openssl([
    "genpkey",
    "-algorithm",
    "EC",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-aes256",
    "-pass",
    "pass:word",
  ]);

  test("PKCS #8: the password opens it, another does not", () => {
    expect(readPrivateKey(pem, () => "word").asymmetricKeyType).toBe("ec");
    expect(() => readPrivateKey(pem, () => "other")).toThrow(
      "expected a private key in PEM, found something else or a wrong password",
    );
    expect(() => readPrivateKey(pem, noPassword)).toThrow("the key is encrypted, and there is no password for it");
  });

  test.each(["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"])("cosign's: %s", (label) => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const der = privateKey.export({ format: "der", type: "pkcs8" });
    const [salt, nonce] = [Buffer.alloc(32, 1), Buffer.alloc(24, 2)];
    const params = { N: 32_768, r: 8, p: 1 };
    const stretched = scryptSync("word", salt, 32, { ...params, maxmem: 1 << 28 });
    const wrap = {
      kdf: { name: "scrypt", params, salt: salt.toString("base64") },
      cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
      ciphertext: Buffer.from(xsalsa20poly1305(stretched, nonce).encrypt(der)).toString("base64"),
    };
    const body = Buffer.from(JSON.stringify(wrap))
      .toString("base64")
      .replace(/(.{64})/g, "$1\n");
    const text = `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
    const key = readPrivateKey(text, () => "word");
    expect(verifyBytes(MESSAGE, publicKey, signBytes(MESSAGE, key))).toBe(true);
    expect(() => readPrivateKey(text, () => "other")).toThrow("the password does not open the key");
  });
});

test.each([
  ["nothing", ""],
  ["a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
])("%s is no key", (_, text) => {
  expect(() => readPrivateKey(text, noPassword)).toThrow("expected a private key in PEM");
  expect(() => readPublicKey(text)).toThrow("expected a public key in PEM");
});
