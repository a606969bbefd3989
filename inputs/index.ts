export { directoryContext, namedContexts } from "./build-contexts.js";
export { type DockerfileGiven, readDockerfile } from "./dockerfile.js";
export { fetcher, type FetchOptions } from "./fetcher.js";
export { type BuildInputs, type ContextGiven, type InputOrigin, openInputs } from "./open-inputs.js";
export { type SecretOptions, secretsOf, type SecretSource } from "./secrets.js";
export { dateOfSource } from "./source-date.js";
export { defaultHome } from "./home.js";
export { platformsOfImage } from "./image-platforms.js";
export { imageNotFound, imageResolver, type PullPolicy, type ResolverOptions } from "./resolve-image.js";
