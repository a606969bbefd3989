// Finds the Authorization header for one registry: nothing until it is asked for, then Basic or Bearer.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#authentication

import type { HttpResponse, Transport } from "../net/index.js";
import { type Challenge, parseChallenges } from "./challenge.js";
import { RegistryError } from "./error.js";
import type { Credentials, Keychain } from "./keychain.js";
import { explainRefusal } from "./refusal.js";
import { basic, fetchToken, type Token } from "./token.js";

export interface AuthorizerOptions {
  /** As in references: `docker.io`. */
  readonly registry: string;
  readonly keychain: Keychain;
  readonly transport: Transport;
  /** Whether passwords may go to this plain http URL. */
  readonly allowPlain: (realm: URL) => boolean;
  /** Ends the fetching of tokens, which requests share. */
  readonly signal?: AbortSignal | undefined;
}

/** What a request is for. */
export interface Access {
  /** Empty for a request that is about no repository. */
  readonly repository: string;
  readonly push: boolean;
  readonly deletes?: boolean;
  /** Another repository that is read (to mount from). */
  readonly from?: string;
}

export class Authorizer {
  readonly #options: AuthorizerOptions;
  #challenge: Challenge | undefined;
  /** By scopes. Requests at the same time share one. */
  readonly #tokens = new Map<string, { readonly token: Promise<Token>; expires: number }>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The header's value, as far as it is known what the registry wants. */
  async header(access: Access): Promise<string | undefined> {
    if (this.#challenge === undefined) return undefined;
    if (this.#challenge.scheme === "basic") return basic(await this.#credentials(access)) || undefined;
    return `Bearer ${(await this.#token(this.#challenge, access)).text}`;
  }

  /**
   * Learns from a 401.
   * @param sent the header that the registry did not accept
   * @returns whether it makes sense to ask for a header and try again
   */
  async learn(response: HttpResponse, access: Access, sent: string | undefined): Promise<boolean> {
    const challenges = parseChallenges(response.headersDistinct["www-authenticate"] ?? []);
    const challenge =
      challenges.find(({ scheme }) => scheme === "bearer") ?? challenges.find(({ scheme }) => scheme === "basic");
    if (challenge === undefined) return false;
    this.#challenge = challenge;
    const header = await this.header(access);
    if (header !== sent) return header !== undefined;
    return challenge.scheme === "bearer" && this.#tokens.delete(scopesOf(access).join(" "));
  }

  /** The header with another password than in `sent`, if the keychain has one by now. */
  async renewed(access: Access, sent: string | undefined): Promise<string | undefined> {
    if (this.#challenge?.scheme !== "basic" || sent === undefined) return undefined;
    const isOther = (credentials: Credentials | undefined) => basic(credentials) !== sent;
    return basic(await this.#newCredentials(access, isOther)) || undefined;
  }

  /** A 401 or 403 of the registry, or of the server of its tokens, in words; other errors are returned as they are. */
  async explained(error: unknown, access: Access, api: URL): Promise<unknown> {
    if (!(error instanceof RegistryError) || (error.status !== 401 && error.status !== 403)) return error;
    const isTokenServer = withoutQuery(error.url) === withoutQuery(this.#challenge?.parameters.realm ?? "");
    if (!isTokenServer && new URL(error.url).host !== api.host) return error;
    const credentials = await this.#credentials(access);
    const isShown =
      isTokenServer || this.#challenge?.scheme === "basic" || (credentials && "registryToken" in credentials);
    const { registry, keychain } = this.#options;
    if (error.status === 401) keychain.forget?.(registry);
    return explainRefusal(error, { registry, credentials, isUnknown: error.status === 401 && isShown === true });
  }

  #token(challenge: Challenge, access: Access): Promise<Token> {
    const scopes = scopesOf(access);
    const key = scopes.join(" ");
    const known = this.#tokens.get(key);
    if (known !== undefined && known.expires > Date.now()) return known.token;
    const entry = { token: this.#fetch(challenge, access, scopes), expires: Number.POSITIVE_INFINITY };
    this.#tokens.set(key, entry);
    entry.token.then(
      ({ expires }) => (entry.expires = expires),
      () => this.#tokens.delete(key),
    );
    return entry.token;
  }

  async #fetch(challenge: Challenge, access: Access, scopes: readonly string[]): Promise<Token> {
    const { transport, allowPlain, signal } = this.#options;
    const request = { challenge, scopes, allowPlain, signal };
    const credentials = await this.#credentials(access);
    try {
      return await fetchToken(transport, { ...request, credentials });
    } catch (error) {
      if (!(error instanceof RegistryError) || error.status !== 401) throw error;
      const isOther = (found: Credentials | undefined) => JSON.stringify(found) !== JSON.stringify(credentials);
      const others = await this.#newCredentials(access, isOther);
      if (others === undefined) throw error;
      return fetchToken(transport, { ...request, credentials: others });
    }
  }

  /** For credentials that were refused: others, if the keychain has any by now. */
  async #newCredentials(
    access: Access,
    isOther: (found: Credentials | undefined) => boolean,
  ): Promise<Credentials | undefined> {
    const known = await this.#credentials(access);
    if (isOther(known)) return known;
    this.#options.keychain.forget?.(this.#options.registry);
    const found = await this.#credentials(access);
    return isOther(found) ? found : undefined;
  }

  #credentials({ repository }: Access): Promise<Credentials | undefined> {
    return this.#options.keychain.credentials(this.#options.registry, repository);
  }
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*$/, "");
}

function scopesOf({ repository, push, deletes = false, from }: Access): string[] {
  if (repository === "") return [];
  const own = `repository:${repository}:${push ? "pull,push" : "pull"}${deletes ? ",delete" : ""}`;
  return from === undefined ? [own] : [own, `repository:${from}:pull`];
}
