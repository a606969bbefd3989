// The listing of images, as docker prints it.
// https://docs.docker.com/reference/cli/docker/image/ls/

import type { ImageSummary } from "../../index.js";
import { goTime, shortSize, since } from "./docker-units.js";
import { formatRows, type Row } from "./rows.js";

export interface ImagesFormat {
  readonly format: string;
  readonly digests: boolean;
  /** IDs in full. */
  readonly noTrunc: boolean;
  /** Whether a table has headings. */
  readonly hasHeadings: boolean;
}

const NONE = "<none>";

const HEADINGS = {
  Repository: "REPOSITORY",
  Tag: "TAG",
  Digest: "DIGEST",
  ID: "IMAGE ID",
  CreatedSince: "CREATED",
  CreatedAt: "CREATED AT",
  Size: "SIZE",
  Platforms: "PLATFORMS",
};

export function imagesText(images: readonly ImageSummary[], options: ImagesFormat): string {
  const { format, digests, noTrunc, hasHeadings } = options;
  const shown = ["Repository", "Tag", ...(digests ? ["Digest"] : []), "ID", "CreatedSince", "Size"];
  return formatRows({
    format,
    headings: HEADINGS,
    shown,
    rows: images.map((image) => rowOf(image, noTrunc)),
    hasHeadings,
  });
}

/** One array of all images, each once with all its names: the fields of `buildah images --json`. */
export function imagesJson(images: readonly ImageSummary[]): string {
  const byDigest = new Map<string, ImageSummary[]>();
  for (const image of images)
    byDigest.set(image.descriptor.digest, [...(byDigest.get(image.descriptor.digest) ?? []), image]);
  const rows = [...byDigest.values()].map(([image, ...others]) => ({
    id: (image!.imageId ?? image!.descriptor.digest).replace(/^sha256:/, ""),
    names: [image!, ...others].flatMap(({ name }) => name ?? []),
    digest: image!.descriptor.digest,
    createdat: goTime(image!.created),
    size: shortSize(image!.size),
    created: Math.floor(Date.parse(image!.created ?? "") / 1000) || 0,
    createdatraw: image!.created ?? "",
    readonly: false,
  }));
  return `${JSON.stringify(rows, null, 4)}\n`;
}

/** 12 digits of an ID unless all are wanted. */
export function shortId(digest: string, noTrunc: boolean): string {
  return noTrunc ? digest : digest.replace(/^sha256:/, "").slice(0, 12);
}

/** `app:1` → `app` and `1`; `app@sha256:…` has no tag. */
function splitName(name = `${NONE}:${NONE}`): readonly [repository: string, tag: string] {
  const named = name.split("@", 1)[0]!;
  const colon = named.lastIndexOf(":");
  return colon > named.lastIndexOf("/") ? [named.slice(0, colon), named.slice(colon + 1)] : [named, NONE];
}

function rowOf({ name, imageId, created, size, registryDigest, platforms }: ImageSummary, noTrunc: boolean): Row {
  const [repository, tag] = splitName(name);
  return {
    Repository: repository,
    Tag: tag,
    Digest: registryDigest?.replace(/^.*@/, "") ?? NONE,
    ID: imageId === undefined ? "<damaged>" : shortId(imageId, noTrunc),
    CreatedSince: since(created),
    CreatedAt: goTime(created),
    Size: shortSize(size),
    Platforms: platforms?.join(",") ?? "",
  };
}
