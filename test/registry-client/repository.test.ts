import { afterAll, beforeAll } from "vitest";
import { RegistryClient } from "../../registry-client/index.js";
import { type Registry, startRegistry } from "../helpers/registry.js";
import { imageStoreSuite } from "../suites/blob-store.js";

let registry: Registry;
const client = new RegistryClient({ environment: {}, retry: { delay: 1 } });
beforeAll(async () => void (registry = await startRegistry()));
afterAll(async () => {
  client.close();
  await registry.stop();
});

let count = 0;
imageStoreSuite(() => client.repository({ registry: registry.host, repository: `suite/${(count += 1)}` }));
