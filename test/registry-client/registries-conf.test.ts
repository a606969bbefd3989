// registries.conf: rewrites, mirrors, blocked registries (features 284, 285).

import { describe, expect, test } from "vitest";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyImage } from "../../oci/index.js";
import { RegistryClient } from "../../registry-client/index.js";
import { loadRoutes, parseRoutes } from "../../registry-client/registries-conf.js";
import { findRoute } from "../../registry-client/routes.js";
import { parseToml } from "../../registry-client/toml.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { putImage } from "../helpers/sample-image.js";
import { StrictRegistry } from "../helpers/strict-registry.js";

describe("parseToml()", () => {
  test("reads tables, lists of tables, strings, numbers, booleans and arrays", () => {
    const text = `
# comment
top = "a\\tb\\u0041" # after
'quoted key' = 'C:\\path'
[table.inner]
number = 1_000
list = [
  "x", # one
  true,
]
[[items]]
name = "first"
[[items.sub]]
deep.er = -1
[[items]]
name = "second"
`;
    expect(parseToml(text, "f")).toEqual({
      top: "a\tbA",
      "quoted key": "C:\\path",
      table: { inner: { number: 1000, list: ["x", true] } },
      items: [{ name: "first", sub: [{ deep: { er: -1 } }] }, { name: "second" }],
    });
  });

  test.each([
    ["a = ", "f:1: expected a string, true, false, a whole number or an array"],
    ["\n\nwhat is this", "f:3: expected [table], [[table]] or key = value"],
    ["[a\nb]", "f:1: expected [table], [[table]] or key = value"],
    ["[[a]\n", "f:1: expected as many brackets that close as open"],
    ["a = 1\na = 2", 'f:2: expected "a" once'],
    ["a = [1 2]", 'f:1: expected "," or "]"'],
    ["a = 1979-05-27", "f:1: expected a string, true, false, a whole number or an array"],
    ['a = """b"""', "f:1: expected a string, true, false, a whole number or an array"],
    ["a = 1 b = 2", "f:1: expected the end of the line"],
    ["a = 1\n[a]", 'f:2: expected a table at "a"'],
  ])("refuses %j", (text, message) => {
    expect(() => parseToml(text, "f")).toThrow(message);
  });
});

const CONF = `
unqualified-search-registries = ["quay.io"]
[[registry]]
prefix = "docker.io"
location = "hub.corp.example/proxy"
[[registry.mirror]]
location = "mirror.corp.example/hub"
[[registry.mirror]]
location = "near.example/"
pull-from-mirror = "tag-only"
insecure = true
[[registry]]
prefix = "docker.io/library"
mirror-by-digest-only = true
[[registry.mirror]]
location = "library.example"
[[registry]]
prefix = "*.evil.example"
blocked = true
[[registry]]
location = "plain.example:5000"
insecure = true
`;

describe("routes", () => {
  const routes = parseRoutes(CONF, "registries.conf");
  const route = (registry: string, repository: string) => findRoute(routes, { registry, repository });

  test("the longest prefix counts, and its location replaces it", () => {
    expect(route("docker.io", "acme/app")).toEqual({
      own: { registry: "hub.corp.example", repository: "proxy/acme/app" },
      mirrors: [
        { registry: "mirror.corp.example", repository: "hub/acme/app", pull: "all" },
        { registry: "near.example", repository: "acme/app", pull: "tag-only" },
      ],
    });
    expect(route("docker.io", "library/alpine")).toEqual({
      own: { registry: "docker.io", repository: "library/alpine" },
      mirrors: [{ registry: "library.example", repository: "alpine", pull: "digest-only" }],
    });
  });

  test("a prefix is whole parts of a name", () => {
    expect(route("docker.io", "libraryx/alpine").own.registry).toBe("hub.corp.example");
    expect(route("docker.iox", "a").own).toEqual({ registry: "docker.iox", repository: "a" });
  });

  test.each(["a.evil.example", "b.c.evil.example"])("%s is blocked", (registry) => {
    expect(() => route(registry, "app")).toThrow(
      `"${registry}/app" is not to be used: registries.conf blocks "*.evil.example"`,
    );
  });

  test("the host of a wildcard itself is not meant", () => {
    expect(route("evil.example", "app").own.registry).toBe("evil.example");
  });

  test.each([
    ["[[registry]]\nblocked = true", "f: expected a prefix or a location in each [[registry]]"],
    ['[registries.search]\nregistries = ["a"]', "f: expected [[registry]] tables, found [registries]"],
    ['[[registry]]\nlocation = "a"\nblocked = "yes"', 'f: expected registry.0.blocked to be boolean, found "yes"'],
    ['[[registry]]\nlocation = "a"\n[[registry.mirror]]', "registry.0.mirror.0.location"],
  ])("%j is refused", (text, message) => {
    expect(() => parseRoutes(text, "f")).toThrow(message);
  });
});

test("loadRoutes() reads the user's file in place of the machine's, and drop-ins over it", () => {
  const home = mkdtempSync(join(tmpdir(), "tsbuild-routes-"));
  const folder = join(home, ".config/containers");
  mkdirSync(join(folder, "registries.conf.d"), { recursive: true });
  writeFileSync(join(folder, "registries.conf"), '[[registry]]\nlocation = "a.example"\ninsecure = true\n');
  writeFileSync(join(folder, "registries.conf.d/1.conf"), '[[registry]]\nlocation = "a.example"\nblocked = true\n');
  writeFileSync(join(home, "named"), '[[registry]]\nlocation = "b.example"\n');
  const found = loadRoutes({ HOME: home });
  expect(found.find(({ prefix }) => prefix === "a.example")).toEqual({
    prefix: "a.example",
    location: "a.example",
    blocked: true,
  });
  expect(loadRoutes({}, join(home, "named"))).toEqual([{ prefix: "b.example", location: "b.example" }]);
  expect(loadRoutes({ CONTAINERS_REGISTRIES_CONF: join(home, "named"), HOME: "/nonexistent" })).toContainEqual({
    prefix: "b.example",
    location: "b.example",
  });
  expect(() => loadRoutes({}, join(home, "none"))).toThrow("expected a file with [[registry]] tables, found none");
  rmSync(home, { recursive: true });
});

test("an image of a rewritten name is pushed to its location and pulled from a mirror", async () => {
  const [own, mirror] = [await new StrictRegistry().start(), await new StrictRegistry().start()];
  const source = new MemoryStore();
  const root = await putImage(source, ["layer"]);
  const routes = [
    { prefix: "reg.example", location: `${own.host}/team`, mirrors: [{ location: `${mirror.host}/copy` }] },
  ];
  const client = new RegistryClient({ environment: {}, routes, retry: { attempts: 1 } });
  const place = client.repository({ registry: "reg.example", repository: "app" });
  await copyImage(root, source, place, { tag: "1" });
  expect([...own.tags.keys()]).toEqual(["team/app:1"]);
  mirror.manifests.set(`copy/app@${root.digest}`, own.manifests.get(`team/app@${root.digest}`)!);
  mirror.tags.set("copy/app:1", root.digest);
  const before = own.requests.length;
  expect(await place.resolve("1")).toEqual(root);
  expect(own.requests).toHaveLength(before);
  client.close();
  await own.stop();
  await mirror.stop();
});
