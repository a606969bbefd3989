// `tsbuild cache verify`: everything is read and hashed again, and what is not what it should be is dropped. Whatever is
// dropped is made or fetched again when it is needed; nothing is ever changed in place.

import { createHash } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { join } from "node:path";
import { errorCode, type Store } from "../cache/index.js";
import { namesIn } from "./blocks.js";
import { confirm, type StoreFinding, inodeOf, type Suspect } from "./suspect.js";
import { wrongBuilds } from "./verify-builds.js";
import { wrongFacts } from "./verify-facts.js";
import { type Note, notesOfImages, wrongImages } from "./verify-images.js";
import { wrongLayers } from "./verify-layers.js";

export interface VerifyStoreOptions {
  /** Drop what is wrong. @default true */
  readonly repair?: boolean;
  readonly signal?: AbortSignal;
}

export interface VerifiedStore {
  readonly findings: readonly StoreFinding[];
  /** What is no damage: parts of images that registries have. */
  readonly notes: readonly Note[];
  /** How many things were looked at. */
  readonly checked: { readonly blobs: number; readonly layers: number; readonly records: number };
}

/** Blobs first: what names a blob that was dropped is wrong too. */
export async function verifyStore(
  store: Store,
  { repair = true, signal }: VerifyStoreOptions = {},
): Promise<VerifiedStore> {
  const findings: StoreFinding[] = [];
  const dropped = new Set<string>();
  const note = async (suspects: Iterable<Suspect>) => {
    for (const suspect of suspects) {
      const finding = await confirm(store, suspect, repair);
      if (finding) findings.push(finding);
    }
  };
  const blobs = namesIn(store.paths.blobs);
  for (const hex of blobs) {
    signal?.throwIfAborted();
    const wrong = await wrongBlob(store, hex);
    if (!wrong) continue;
    dropped.add(hex);
    await note([wrong]);
  }
  const layers = await wrongLayers(store, signal);
  await note(layers.wrong);
  const facts = wrongFacts(store, dropped);
  await note(facts.wrong);
  await note(wrongImages(store, dropped));
  await note(wrongBuilds(store));
  const notes = notesOfImages(store, dropped);
  return { findings, notes, checked: { blobs: blobs.length, layers: layers.checked, records: facts.checked } };
}

async function wrongBlob({ paths }: Store, hex: string): Promise<Suspect | undefined> {
  const path = join(paths.blobs, hex);
  const file = inodeOf(path);
  const found = await hashOf(path);
  if (found === undefined || found === hex) return undefined;
  const isStillWrong = () => inodeOf(path) === file;
  const drop = () => rmSync(path, { force: true });
  return { kind: "blob", name: `blobs/sha256/${hex}`, message: "its content is another one", isStillWrong, drop };
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
