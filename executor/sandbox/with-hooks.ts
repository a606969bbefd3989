// A runtime that leaves the steps whose devices have hooks to another: hooks read the files of an OCI container.

import type { ExitStatus, OverlayDirectories, SandboxOptions, SandboxRuntime, SandboxSpec } from "./runtime.js";

/** Every other step, and what is asked of the machine, is the first runtime's. */
export class WithHooks implements SandboxRuntime {
  readonly #runtime: SandboxRuntime;
  readonly #forHooks: SandboxRuntime;
  readonly runsHooks = true;

  /** @param forHooks an OCI runtime */
  constructor(runtime: SandboxRuntime, forHooks: SandboxRuntime) {
    this.#runtime = runtime;
    this.#forHooks = forHooks;
  }

  get name(): string {
    return this.#runtime.name;
  }

  run(spec: SandboxSpec, options: SandboxOptions): Promise<ExitStatus> {
    return (spec.hooks?.length ? this.#forHooks : this.#runtime).run(spec, options);
  }

  async rest(): Promise<void> {
    await this.#runtime.rest?.();
  }

  probe(): Promise<string | undefined> {
    return this.#runtime.probe();
  }

  probeOverlay(
    directories: OverlayDirectories,
    snapshotter: "overlay" | "fuse-overlayfs",
  ): Promise<string | undefined> {
    return this.#runtime.probeOverlay(directories, snapshotter);
  }
}
