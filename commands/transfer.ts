// Pull and push.

import { TsbuildError } from "../errors.js";
import * as images from "../images/index.js";
import type { RegistryOptions } from "../registry-options.js";
import type { BuildFact, OnEvent } from "../progress.js";
import { namesTransport, parseTransport } from "../transports/index.js";
import { copyFromStore } from "./copy.js";
import { type CommandOptions, withExistingStore, withStore } from "./with-store.js";

export interface RegistryCommandOptions extends CommandOptions, RegistryOptions {
  readonly onEvent?: OnEvent;
  /** Which image of an index. @default for pull this machine's, for push all of them */
  readonly platform?: string;
}

export interface PullCommandOptions extends RegistryCommandOptions, Pick<images.PullOptions, "policy"> {}

/**
 * @param name `NAME` or `docker://NAME` of a registry; `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:NAME]`
 * @throws image_not_found, platform_not_found, bad_archive, RegistryError; usage for a policy where no registry is
 */
export const pullImage = (name: string, options: PullCommandOptions = {}): Promise<images.PulledImage> =>
  withStore(options, (store, places) => {
    const { policy } = options;
    if (isElsewhere(name)) {
      if (policy !== undefined && policy !== "always") throw notAsked(name, policy);
      return images.pullFromTransport(store, places, name, transfer(options));
    }
    const pulling = { ...transfer(options), ...(policy !== undefined && { policy }) };
    return images.pullImage(store, places, inRegistry(name), pulling);
  });

export interface PullAllCommandOptions extends RegistryCommandOptions, Pick<images.PullAllOptions, "onPulled"> {}

/** Every tag of a repository. @throws image_not_found, RegistryError */
export const pullAllTags = (
  repository: string,
  options: PullAllCommandOptions = {},
): Promise<readonly images.PulledImage[]> =>
  withStore(options, (store, places) => {
    const { onPulled } = options;
    return images.pullAllTags(store, places, repository, { ...transfer(options), ...(onPulled && { onPulled }) });
  });

export interface PushCommandOptions extends RegistryCommandOptions, Pick<images.PushImageOptions, "form"> {
  /** Where to: as `copy` has it. @default the name of the image */
  readonly to?: string;
}

export interface PushedToPlace extends images.PushedImage {
  /** `linux/amd64`: the image of an index that was taken, unasked, because the place holds only one. */
  readonly chosen?: string;
}

/**
 * To a registry, compressed; to other places as it is.
 * @throws image_not_found, bad_reference, usage when `form` is given for what is no registry, output_failed, RegistryError
 */
export const pushImage = (name: string, options: PushCommandOptions = {}): Promise<PushedToPlace> =>
  withExistingStore(options, async (store, places) => {
    const { to, form } = options;
    if (to === undefined || !isElsewhere(to)) {
      const target = { ...(to !== undefined && { to: inRegistry(to) }), ...(form && { form }) };
      return images.pushImage(store, places, inRegistry(name), { ...transfer(options), ...target });
    }
    if (form) throw notForRegistry(to);
    const { descriptor, chosen } = await copyFromStore(name, to, { ...places, store }, options);
    return { name: to, descriptor, ...(chosen !== undefined && { chosen }) };
  });

function notAsked(place: string, policy: string): TsbuildError {
  return new TsbuildError("usage", `a pull policy says when a registry is asked, and "${place}" is none`, {
    hint: `Leave the policy "${policy}" out.`,
  });
}

function notForRegistry(place: string): TsbuildError {
  return new TsbuildError("usage", `layers are compressed for a registry, and "${place}" is none`, {
    hint: "Leave compression and format out: the image is copied as it is.",
  });
}

/** Whether a text names a place that is no registry. @throws bad_reference for a transport that is not supported */
function isElsewhere(text: string): boolean {
  return namesTransport(text) && parseTransport(text).kind !== "registry";
}

function inRegistry(name: string): string {
  return name.replace(images.REGISTRY_PREFIX, "");
}

/** Every tag of a repository that the store has. @throws image_not_found, RegistryError */
export const pushAllTags = (
  repository: string,
  options: Omit<PushCommandOptions, "to"> = {},
): Promise<readonly images.PushedImage[]> =>
  withExistingStore(options, (store, places) => {
    const { form } = options;
    return images.pushAllTags(store, places, repository, { ...transfer(options), ...(form && { form }) });
  });

function transfer({ onEvent, platform, signal }: RegistryCommandOptions) {
  const emit = (fact: BuildFact) => onEvent?.({ time: Date.now(), ...fact });
  return { emit, ...(platform !== undefined && { platform }), ...(signal && { signal }) };
}
