// An esbuild plugin: imports through an index.ts become imports of the modules that define the names.
// esbuild puts everything that an index.ts names into the chunk of whoever imports one name from it, so that `tsbuild --version`
// would load the whole engine. https://esbuild.github.io/api/#splitting

import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

const IMPORT = /\bimport\s*\{([^}]*)\}\s*from\s*"(\.[^"]*\/index\.js|\.\/index\.js)";/g;
const REEXPORT = /\bexport\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)";/g;

export const throughBarrels = {
  name: "through-barrels",
  setup(build) {
    const barrels = new Map();
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes("/node_modules/")) return undefined;
      return { contents: await rewrite(path, barrels), loader: "ts" };
    });
  },
};

async function rewrite(path, barrels) {
  const source = await readFile(path, "utf8");
  const statements = [...source.matchAll(IMPORT)];
  const direct = await Promise.all(statements.map(([, names, target]) => directImports(path, names, resolve(path, target), barrels)));
  return source.replace(IMPORT, () => direct.shift());
}

/** One import statement for each name: of its own module, or of the index.ts when that one defines it. */
async function directImports(path, names, barrel, barrels) {
  const origins = await originsOf(barrel, barrels);
  return specifiers(names)
    .map(({ name, as }) => {
      const origin = origins.get(name) ?? { file: barrel, name };
      return `import { ${origin.name} as ${as} } from "${specifierOf(path, origin.file)}";`;
    })
    .join(" ");
}

/** The file that defines each name which the index.ts at `barrel` exports, and its name there. */
function originsOf(barrel, barrels) {
  if (!barrels.has(barrel)) barrels.set(barrel, readOrigins(barrel, barrels));
  return barrels.get(barrel);
}

async function readOrigins(barrel, barrels) {
  const origins = new Map();
  for (const [, names, target] of (await readFile(barrel, "utf8")).matchAll(REEXPORT)) {
    const file = resolve(barrel, target);
    const further = file.endsWith("/index.ts") ? await originsOf(file, barrels) : new Map();
    for (const { name, as } of specifiers(names)) origins.set(as, further.get(name) ?? { file, name });
  }
  return origins;
}

/** `a, type B, c as d` without the types. */
function specifiers(names) {
  const words = names.split(",").map((name) => name.trim());
  return words
    .filter((word) => word !== "" && !word.startsWith("type "))
    .map((word) => {
      const [name, as = name] = word.split(/\s+as\s+/);
      return { name, as };
    });
}

function resolve(path, specifier) {
  return join(dirname(path), specifier.replace(/\.js$/, ".ts"));
}

function specifierOf(path, file) {
  const way = relative(dirname(path), file).replace(/\.ts$/, ".js");
  return way.startsWith(".") ? way : `./${way}`;
}
