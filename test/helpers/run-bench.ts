// Builds in this process, for tests of RUN: a Dockerfile as text, on busybox, and what its steps printed.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type BuildEvent, type BuildOptions, type BuildResult } from "../../index.js";
import { baseImage } from "./images.js";
import { tree, type TreeLiteral } from "./tree.js";

export interface BuildRun {
  readonly result?: BuildResult;
  readonly error?: unknown;
  /** All that the RUN steps printed, in the order in which it came. */
  readonly output: string;
  readonly events: readonly BuildEvent[];
}

export class RunBench {
  readonly directory = mkdtempSync(join(tmpdir(), "tsbuild-run-"));
  readonly home = join(this.directory, "home");
  readonly context = join(this.directory, "context");

  constructor(files: TreeLiteral = {}) {
    mkdirSync(this.context);
    tree(this.context, files);
  }

  /** @param text without FROM: it is busybox */
  async build(text: string, options: BuildOptions = {}): Promise<BuildRun> {
    const events: BuildEvent[] = [];
    const chunks: Uint8Array[] = [];
    const onEvent = (event: BuildEvent) => {
      events.push(event);
      if (event.type === "output") chunks.push(event.data);
    };
    const given = { context: this.context, home: this.home, dockerfile: { content: `FROM busybox\n${text}` } };
    const buildContexts = { busybox: `oci-layout://${await baseImage("busybox")}`, ...options.buildContexts };
    const end = await build({ ...given, ...options, buildContexts, onEvent }).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    return { ...end, events, output: Buffer.concat(chunks).toString() };
  }

  /** What a build that has ended left in the store's directory for unfinished things. */
  leftovers(): string[] {
    const scratch = join(this.home, "tmp");
    return existsSync(scratch) ? readdirSync(scratch) : [];
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
