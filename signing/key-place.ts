// Where a key is: a file, or `env://NAME` for one in the environment, as cosign writes it.

import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import { readPrivateKey, readPublicKey } from "./keys.js";

/** @throws bad_key */
export function privateKey(place: string): KeyObject {
  return readPrivateKey(keyText(place), () => process.env["COSIGN_PASSWORD"]);
}

/** @throws bad_key */
export function publicKey(place: string): KeyObject {
  return readPublicKey(keyText(place));
}

function keyText(place: string): string {
  const variable = place.startsWith("env://") ? place.slice("env://".length) : undefined;
  if (variable === undefined) return keyFile(place);
  const text = process.env[variable];
  if (text !== undefined) return text;
  throw new TsbuildError("bad_key", `expected a key in the environment variable ${variable}, which is not set`, {
    hint: `Set ${variable}, or name the file of a key.`,
  });
}

function keyFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TsbuildError("bad_key", `cannot read the key "${path}": ${reason}`, {
      hint: "Name a file with a key as PEM, or env://VARIABLE.",
      cause,
    });
  }
}
