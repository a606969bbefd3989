// What `docker image inspect` prints of an image, with the manifest beside it.
// https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Image/operation/ImageInspect

import type { ImageDetails } from "../../index.js";
import { Unset, type Value } from "../template/value.js";

type Config = ImageDetails["config"]["config"];

/** The fields of docker, so that templates written for it work. */
export function imageJson({ names, registryDigests, descriptor, imageId, size, ...image }: ImageDetails): Value {
  const { config, manifest, manifests } = image;
  return {
    Id: imageId,
    RepoTags: names.filter((name) => !name.includes("@")),
    RepoDigests: registryDigests,
    Parent: "",
    Comment: config.history.at(-1)?.comment ?? "",
    Created: config.created,
    Author: config.author ?? "",
    Config: configJson(config.config),
    Architecture: config.architecture,
    Variant: config.variant ?? Unset.text,
    Os: config.os,
    OsVersion: config["os.version"] ?? Unset.text,
    Size: size,
    GraphDriver: { Data: null, Name: "overlayfs" },
    RootFS: { Type: config.rootfs.type, Layers: config.rootfs.diff_ids },
    Descriptor: descriptorJson(descriptor),
    Manifest: manifestJson(manifest),
    Manifests: manifests.map(({ descriptor: one, platform, isHere }) => ({
      ...descriptorJson(one),
      platform,
      annotations: mapOf(one.annotations),
      available: isHere,
    })),
  };
}

function configJson(config: Config): Value {
  const { ExposedPorts, Volumes, Labels, Healthcheck } = config;
  return {
    User: config.User ?? "",
    ExposedPorts: mapOf(ExposedPorts),
    Env: config.Env ?? [],
    Cmd: config.Cmd ?? Unset.list,
    Healthcheck: Healthcheck ? { ...Healthcheck } : Unset.pointer,
    ArgsEscaped: config.ArgsEscaped ?? Unset.no,
    Volumes: mapOf(Volumes),
    WorkingDir: config.WorkingDir ?? "",
    Entrypoint: config.Entrypoint ?? Unset.list,
    OnBuild: config.OnBuild ?? Unset.list,
    Labels: mapOf(Labels),
    StopSignal: config.StopSignal ?? Unset.text,
    Shell: config.Shell ?? Unset.list,
  };
}

function manifestJson({ descriptor, config, layers, annotations, ...manifest }: ImageDetails["manifest"]): Value {
  return {
    schemaVersion: manifest.schemaVersion,
    mediaType: manifest.mediaType ?? descriptor.mediaType,
    digest: descriptor.digest,
    config: descriptorJson(config),
    layers: layers.map(descriptorJson),
    annotations: mapOf(annotations),
  };
}

function descriptorJson({ mediaType, digest, size }: ImageDetails["descriptor"]) {
  return { mediaType, digest, size };
}

function mapOf(record: Readonly<Record<string, Value>> | undefined): Value {
  return record ? new Map(Object.entries(record)) : Unset.map;
}
