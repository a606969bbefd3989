export { directoryContext, namedContexts } from "./build-contexts.js";
export { type DockerfileSource, readDockerfile } from "./dockerfile.js";
export { type SecretOptions, secretsOf, type SecretSource } from "./secrets.js";
export { defaultHome } from "./home.js";
export { imageNotFound, imageResolver, type PullPolicy } from "./resolve-image.js";
