// Where the cache service of a workflow is, and what opens it.

import { TsbuildError } from "../../../errors.js";
import type { GithubCache } from "../../spec.js";

/** @throws usage outside of GitHub Actions */
export function githubSettings({ url, token }: GithubCache, env: NodeJS.ProcessEnv): { url: URL; token: string } {
  const [place, own] = [url ?? env["ACTIONS_RESULTS_URL"], token ?? env["ACTIONS_RUNTIME_TOKEN"]];
  if (place && own && URL.canParse(place))
    return { url: new URL(place.endsWith("/") ? place : `${place}/`), token: own };
  throw new TsbuildError("usage", "a cache of type gha needs the URL and the token of GitHub Actions", {
    hint: "Pass ACTIONS_RESULTS_URL and ACTIONS_RUNTIME_TOKEN to the step, or add url_v2=… and token=….",
  });
}
