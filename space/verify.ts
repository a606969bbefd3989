// `tsbuild cache verify`: everything is read and hashed again, and what is not what it should be is dropped. Whatever is
// dropped is made or fetched again when it is needed; nothing is ever changed in place.

import { createHash } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { join } from "node:path";
import { errorCode, type Store } from "../cache/index.js";
import { hexOf, isDigest } from "../oci/index.js";
import { namesIn } from "./blocks.js";
import { wrongFacts } from "./verify-facts.js";
import { wrongLayers } from "./verify-layers.js";

export interface Finding {
  readonly kind: "blob" | "index" | "unpacked" | "record" | "image";
  /** Relative to the store; the name of an image. */
  readonly name: string;
  /** In lower case, no period: `its content is another one`. */
  readonly message: string;
}

export interface VerifyOptions {
  /** Drop what is wrong. @default true */
  readonly repair?: boolean;
  readonly signal?: AbortSignal;
}

export interface Verified {
  readonly findings: readonly Finding[];
  /** How many things were looked at. */
  readonly checked: { readonly blobs: number; readonly layers: number; readonly records: number };
}

/** A finding with what drops it. */
export type Repairable = Finding & { readonly drop: () => void | Promise<void> };

/** Blobs first: what names a blob that was dropped is wrong too. */
export async function verifyStore(store: Store, { repair = true, signal }: VerifyOptions = {}): Promise<Verified> {
  const findings: Finding[] = [];
  const dropped = new Set<string>();
  const note = async ({ drop, ...finding }: Repairable) => {
    findings.push(finding);
    if (repair) await drop();
  };
  const blobs = namesIn(store.paths.blobs);
  for (const hex of blobs) {
    signal?.throwIfAborted();
    const wrong = await wrongBlob(store, hex);
    if (!wrong) continue;
    dropped.add(hex);
    await note(wrong);
  }
  const layers = await wrongLayers(store, signal);
  for (const wrong of layers.wrong) await note(wrong);
  const facts = wrongFacts(store, dropped);
  for (const wrong of facts.wrong) await note(wrong);
  for (const wrong of wrongImages(store, dropped)) await note(wrong);
  return { findings, checked: { blobs: blobs.length, layers: layers.checked, records: facts.checked } };
}

async function wrongBlob({ paths }: Store, hex: string): Promise<Repairable | undefined> {
  const path = join(paths.blobs, hex);
  const found = await hashOf(path);
  if (found === undefined || found === hex) return undefined;
  const drop = () => rmSync(path, { force: true });
  return { kind: "blob", name: `blobs/sha256/${hex}`, message: "its content is another one", drop };
}

/** Undefined when it is gone: prune may be at work. */
async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
    return hash.digest("hex");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A name without its manifest means nothing. */
function* wrongImages(store: Store, dropped: ReadonlySet<string>): Iterable<Repairable> {
  for (const { name, descriptor } of store.names.list()) {
    const isThere =
      isDigest(descriptor.digest) && store.blobs.hasSync(descriptor) && !dropped.has(hexOf(descriptor.digest));
    if (isThere) continue;
    const drop = async () => void (await store.names.remove(name));
    yield { kind: "image", name, message: "the store has lost its manifest", drop };
  }
}
