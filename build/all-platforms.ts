// --all-platforms: the image for each platform that all of its base images are there for, as Buildah has it.
// https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md

import { TsbuildError } from "../errors.js";
import { platformsOfImage } from "../inputs/index.js";
import { formatPlatform, hostPlatform, normalizePlatform, type Platform, sha256 } from "../oci/index.js";
import { plan, type ResolvedImage } from "../planner/index.js";
import type { Loaded } from "./phases.js";
import { planning, resolving } from "./reading.js";
import { checkResolved } from "./resolved-options.js";
import type { BuildSession } from "./session.js";

/** The session for these platforms, when `allPlatforms` asks for them. @throws usage when there are none, and of outputs that need one */
export async function withAllPlatforms(session: BuildSession, loaded: Loaded): Promise<BuildSession> {
  if (!session.options.allPlatforms) return session;
  const names = await imagesOf(session, loaded);
  const offers = await Promise.all([...names].map((name) => platformsOfImage(resolving(session), name)));
  const platforms = common(
    offers.map((offer) => new Map(offer.map((one) => [formatPlatform(plain(one)), plain(one)]))),
  );
  if (platforms.length === 0) throw noPlatforms(names.size);
  const options = { ...session.options, platforms, platform: platforms.map(formatPlatform).join(",") };
  checkResolved(options);
  return { ...session, options };
}

/** The images that differ from platform to platform: those of `FROM --platform=$BUILDPLATFORM` do not. */
async function imagesOf({ options }: BuildSession, { tree, rules, ...loaded }: Loaded): Promise<Set<string>> {
  const names = new Set<string>();
  const resolveImage = rules.resolving(async (name, platform) => {
    if (platform.architecture === PROBE.architecture) names.add(name);
    return unread(name, platform);
  });
  const { resolveSource } = rules;
  await plan(tree, { ...planning(options, { ...loaded }), platform: PROBE, resolveImage, resolveSource });
  return names;
}

/** Any platform but this machine's, to tell the ones from the others. */
const PROBE: Platform = { os: "linux", architecture: hostPlatform().architecture === "s390x" ? "ppc64le" : "s390x" };

/** Stands for an image of which only the name is of interest. */
function unread(name: string, { os, architecture }: Platform): ResolvedImage {
  return {
    name,
    reference: { registry: "docker.io", repository: name },
    manifest: { mediaType: "", digest: sha256(name), size: 0 },
    config: { os, architecture, config: {}, rootfs: { type: "layers", diff_ids: [] }, history: [] },
    layers: [],
    origin: { kind: "store" },
  };
}

/** Versions of the system differ from image to image. */
function plain({ os, architecture, variant }: Platform): Platform {
  return normalizePlatform({ os, architecture, ...(variant !== undefined && { variant }) });
}

/** In the order of the first. */
function common([first, ...others]: readonly ReadonlyMap<string, Platform>[]): Platform[] {
  return [...(first ?? [])].flatMap(([name, platform]) => (others.every((other) => other.has(name)) ? [platform] : []));
}

function noPlatforms(images: number): TsbuildError {
  if (images === 0)
    return new TsbuildError("usage", "no base image says which platforms there are", {
      hint: "Name them: --platform=linux/amd64,linux/arm64.",
    });
  return new TsbuildError("usage", "the base images have no platform in common", {
    hint: "Name a platform that can be built: --platform.",
  });
}
