import type { ExitStatus, SandboxRuntime } from "../runtime.js";
export class OciRuntime implements SandboxRuntime {
  readonly name: string;
  constructor(name: string, _program: string) { this.name = name; }
  async run(): Promise<ExitStatus> { throw new Error("x"); }
}
