// The list of vertices while a plan is made.

import type { BuildGraph, CopySource, Op, RunMount, Vertex } from "./graph.js";

/** Gives each vertex its number. Whatever is added must have its inputs here already, so the list is in a valid order. */
export class Vertices {
  readonly #list: Vertex[] = [];
  readonly #shared = new Map<string, number>();

  add(vertex: Omit<Vertex, "id">): number {
    const id = this.#list.length;
    this.#list.push({ id, ...vertex });
    return id;
  }

  /** The vertex of something that is the same for all who use it, such as an image: added by the first. */
  share(key: string, vertex: () => Omit<Vertex, "id" | "noCache">): number {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const id = this.add({ ...vertex(), noCache: false });
    this.#shared.set(key, id);
    return id;
  }

  /** What `target` needs, in the same order with new numbers, and the new number of each old one. */
  reachableFrom(target: number): { readonly list: readonly Vertex[]; readonly renumber: (id: number) => number } {
    const needed = new Set([target]);
    for (let id = target; id >= 0; id--) {
      if (needed.has(id)) for (const input of inputsOf(this.#list[id]!.op)) needed.add(input);
    }
    const kept = this.#list.filter(({ id }) => needed.has(id));
    const numbers = new Map(kept.map(({ id }, number) => [id, number]));
    const renumber = (id: number) => numbers.get(id)!;
    return {
      list: kept.map((vertex) => ({ ...vertex, id: renumber(vertex.id), op: withInputs(vertex.op, renumber) })),
      renumber,
    };
  }
}

/** The target and the vertices that it stands on, the lowest last: their layers are those of the image. */
export function chainOf({ vertices, target }: Pick<BuildGraph, "vertices" | "target">): readonly number[] {
  const chain = [target];
  for (const id of chain) {
    const { op } = vertices[id]!;
    if ("parent" in op) chain.push(op.parent);
  }
  return chain;
}

/** The vertices that an op reads: its parent first, then its sources or mounts in order. May name one twice. */
export function inputsOf(op: Op): readonly number[] {
  const inputs: number[] = [];
  withInputs(op, (id) => {
    inputs.push(id);
    return id;
  });
  return inputs;
}

/** The op with other numbers for the vertices that it reads. */
export function withInputs(op: Op, renumber: (id: number) => number): Op {
  switch (op.kind) {
    case "image":
    case "scratch":
    case "context":
    case "http":
    case "git":
      return op;
    case "mkdir":
      return { ...op, parent: renumber(op.parent) };
    case "run":
      return { ...op, parent: renumber(op.parent), mounts: op.mounts.map((mount) => mountWithInput(mount, renumber)) };
    case "copy":
      return {
        ...op,
        parent: renumber(op.parent),
        sources: op.sources.map((source) => sourceWithInput(source, renumber)),
      };
  }
}

function mountWithInput(mount: RunMount, renumber: (id: number) => number): RunMount {
  return "input" in mount && mount.input !== undefined ? { ...mount, input: renumber(mount.input) } : mount;
}

function sourceWithInput(source: CopySource, renumber: (id: number) => number): CopySource {
  return source.kind === "files" ? { ...source, input: renumber(source.input) } : source;
}
