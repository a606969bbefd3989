// Lists that come in pages: each answer names the next one in its Link header.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
// https://www.rfc-editor.org/rfc/rfc5988

import { TsbuildError } from "../errors.js";
import type { RegistryResponse } from "./connection.js";
import { readSmall } from "./manifest-answer.js";

/** More pages are a loop. */
const MOST_PAGES = 1000;

export interface Page {
  readonly response: RegistryResponse;
  readonly bytes: Buffer;
}

/** The pages from `target` on. `get` returns undefined where there is no list. */
export async function* pagesOf(
  target: string,
  get: (target: string | URL) => Promise<RegistryResponse | undefined>,
): AsyncGenerator<Page> {
  let next: string | URL | undefined = target;
  for (let count = 0; next !== undefined; count++) {
    const response = await get(next);
    if (response === undefined) return;
    if (count === MOST_PAGES)
      throw new TsbuildError("registry_error", `${response.url.host}: expected at most ${MOST_PAGES} pages of a list`);
    yield { response, bytes: await readSmall(response) };
    next = nextOf(response);
  }
}

function nextOf({ headers: { link }, url }: RegistryResponse): URL | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(String(link ?? ""))?.[1];
  return target !== undefined && URL.canParse(target, url.href) ? new URL(target, url) : undefined;
}
