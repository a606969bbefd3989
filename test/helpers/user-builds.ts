// Builds of somebody else than the test, as `RunBench` has them: a process of that person makes them.

import { buildSync } from "esbuild";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import type { BuildOptions } from "../../index.js";
import { baseImage } from "./images.js";
import { ANSWERING, LineProcess } from "./line-process.js";
import type { Person, UserBench } from "./users.js";

export interface UserBuild {
  readonly error?: unknown;
  /** All that the RUN steps printed. */
  readonly output: string;
}

/** @param dist the folder with the package's main file, and with `internal.js` */
const program = (dist: string): string => `
  import { build } from ${JSON.stringify(`${dist}/index.js`)};
  import { rerunInNamespace } from ${JSON.stringify(`${dist}/internal.js`)};
  ${ANSWERING}
  const code = await rerunInNamespace(() => () => {});
  if (code !== undefined) process.exit(code);
  await answer(async ({ options }, onOutput) => {
    await build({ ...options, onEvent: (event) => { if (event.type === "output") onOutput(1, event.data); } });
  });
`;

/** What a build is given that can be told in JSON. */
export type PlainOptions = Pick<BuildOptions, "ociRuntime" | "secrets" | "run" | "noCache" | "network">;

export class UserBuilds {
  readonly context: string;
  readonly #home: string;
  readonly #bench: UserBench;
  readonly #process: LineProcess;

  constructor(bench: UserBench, person: Person) {
    this.#bench = bench;
    this.#home = `${bench.home(person)}/store`;
    this.context = bench.at(`context-${person}`);
    mkdirSync(this.context);
    const path = bench.at(`builds-${person}.mjs`);
    const dist = bench.at("package/dist");
    bundleInternal(`${dist}/internal.js`);
    writeFileSync(path, program(dist), { mode: 0o644 });
    this.#process = new LineProcess(bench.command(person, ["node", path]));
  }

  /** @param text without FROM: it is busybox */
  async build(text: string, options: PlainOptions = {}): Promise<UserBuild> {
    const busybox = await this.#busybox();
    const chunks: Uint8Array[] = [];
    const given = {
      context: this.context,
      home: this.#home,
      dockerfile: { content: `FROM busybox\n${text}` },
      buildContexts: { busybox: `oci-layout://${busybox}` },
    };
    const end = await this.#process
      .ask({ options: { ...given, ...options } }, (_, data) => chunks.push(data))
      .then(
        () => ({}),
        (error: unknown) => ({ error }),
      );
    return { ...end, output: Buffer.concat(chunks).toString() };
  }

  /** The base image, where everybody can read it. */
  async #busybox(): Promise<string> {
    const layout = this.#bench.at("busybox");
    if (existsSync(layout)) return layout;
    cpSync(await baseImage("busybox"), layout, { recursive: true });
    this.#bench.share(layout);
    return layout;
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}

/** The package has it in the bundle of its command line only. */
function bundleInternal(outfile: string): void {
  const js = `import { createRequire as $create } from "node:module"; const require = $create(import.meta.url);`;
  buildSync({
    entryPoints: ["internal.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["koffi"],
    banner: { js },
    logLevel: "warning",
  });
}
