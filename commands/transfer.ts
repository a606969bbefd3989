// Pull and push.

import * as images from "../images/index.js";
import type { RegistryOptions } from "../registry-options.js";
import type { BuildFact, OnEvent } from "../progress.js";
import { type CommandOptions, withExistingStore, withStore } from "./with-store.js";

export interface RegistryCommandOptions extends CommandOptions, RegistryOptions {
  readonly onEvent?: OnEvent;
  /** Which image of an index. @default for pull this machine's, for push all of them */
  readonly platform?: string;
}

/** @throws image_not_found, RegistryError */
export const pullImage = (name: string, options: RegistryCommandOptions = {}): Promise<images.PulledImage> =>
  withStore(options, (store, places) => images.pullImage(store, places, name, transfer(options)));

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

/** @throws image_not_found, RegistryError */
export const pushImage = (name: string, options: RegistryCommandOptions = {}): Promise<images.PushedImage> =>
  withExistingStore(options, (store, places) => images.pushImage(store, places, name, transfer(options)));

/** Every tag of a repository that the store has. @throws image_not_found, RegistryError */
export const pushAllTags = (
  repository: string,
  options: RegistryCommandOptions = {},
): Promise<readonly images.PushedImage[]> =>
  withExistingStore(options, (store, places) => images.pushAllTags(store, places, repository, transfer(options)));

function transfer({ onEvent, platform, signal }: RegistryCommandOptions) {
  const emit = (fact: BuildFact) => onEvent?.({ time: Date.now(), ...fact });
  return { emit, ...(platform !== undefined && { platform }), ...(signal && { signal }) };
}
