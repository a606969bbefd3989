// What is said of an image, as files beside its own: `provenance.json`, `sbom.spdx.json`. The subjects are the files.
// https://docs.docker.com/build/metadata/attestations/#inspecting-attestations

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileOf, type Predicate, statementOf, type Subject } from "../../attestations/index.js";
import { stagedName, type Store } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import type { Entry, FileRegion } from "../../filesystem/index.js";
import { hexOf, sha256 } from "../../oci/index.js";
import type { RootFiles } from "./root-files.js";

export interface AttestationFilesOptions {
  readonly store: Pick<Store, "scratch">;
  /** Stands before the names of the files. @default "" */
  readonly prefix?: string;
  /** Seconds since the epoch that the files are dated to. @default now */
  readonly epoch?: number;
}

/** The files of an image with those that tell of it. @throws usage when the image has a file of such a name */
export function withAttestations(
  files: RootFiles,
  attestations: readonly Predicate[],
  { store, prefix = "", epoch = Math.floor(Date.now() / 1000) }: AttestationFilesOptions,
): RootFiles {
  if (attestations.length === 0) return files;
  const subjects = subjectsIn(files.entries);
  const places = new Map<Entry, FileRegion>();
  for (const attestation of attestations) {
    const bytes = statementOf(attestation, subjects, { indent: 2 });
    const path = stagedName(join(store.scratch(), "attestation"));
    writeFileSync(path, bytes);
    places.set(entryOf(`${prefix}${fileOf(attestation)}`, bytes, epoch), { path, offset: 0 });
  }
  const own = [...places.keys()];
  refuseToReplace(files.entries, own);
  return {
    entries: [...files.entries, ...own],
    contentOf: (entry) => places.get(entry) ?? files.contentOf(entry),
  };
}

function entryOf(path: string, bytes: Uint8Array, mtime: number): Entry {
  const owner = { uid: 0, gid: 0 };
  return { path, type: "file", mode: 0o600, ...owner, size: bytes.length, digest: sha256(bytes), mtime, mtimeNs: 0 };
}

/** Each file by its path. */
function subjectsIn(entries: readonly Entry[]): Subject[] {
  const digests = new Map(entries.map(({ path, digest }) => [path, digest]));
  return entries.flatMap(({ path, type, digest = NOTHING, hardlink }) => {
    if (type !== "file") return [];
    const content = hardlink === undefined ? digest : (digests.get(hardlink) ?? digest);
    return [{ name: path, digest: { sha256: hexOf(content) } }];
  });
}

const NOTHING = sha256("");

function refuseToReplace(entries: readonly Entry[], own: readonly Entry[]): void {
  const names = new Set(own.map(({ path }) => path));
  const [taken] = entries.filter(({ path }) => names.has(path));
  if (!taken) return;
  throw new TsbuildError("usage", `the image has a file "/${taken.path}", in the place of an attestation`, {
    hint: "Add attestation-prefix=PREFIX to the output, or leave --provenance and --sbom out.",
  });
}
