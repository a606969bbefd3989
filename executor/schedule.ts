// Runs the vertices of a graph, each as soon as its inputs are there, so many at a time.

import PQueue from "p-queue";

export interface Schedule<Input, Output> {
  readonly vertices: readonly Input[];
  /** Positions of the inputs of a vertex; they come before it. */
  readonly inputsOf: (vertex: Input) => readonly number[];
  readonly run: (vertex: Input, results: readonly Output[]) => Promise<Output>;
  /** True for work that only waits or looks up: it takes no place in the queue. */
  readonly isLight: (vertex: Input) => boolean;
  /** Vertices at work at the same time. */
  readonly jobs: number;
  /** Called once, at the first failure: what is running should stop. */
  readonly onFailure: () => void;
}

/**
 * @returns the results, in the order of the vertices
 * @throws the first failure, when everything that was running has stopped
 */
export async function runAll<Input, Output>(schedule: Schedule<Input, Output>): Promise<readonly Output[]> {
  const queue = new PQueue({ concurrency: schedule.jobs });
  const results: Output[] = [];
  const running: Promise<Output>[] = [];
  const failures: unknown[] = [];
  for (const [position, vertex] of schedule.vertices.entries()) {
    const inputs = Promise.all(schedule.inputsOf(vertex).map((input) => running[input]!));
    const task = async () => (results[position] = await schedule.run(vertex, results));
    const result = inputs.then(() => {
      if (failures.length > 0) throw failures[0];
      return schedule.isLight(vertex) ? task() : queue.add(task);
    });
    running.push(result);
    result.catch((error: unknown) => {
      if (failures.push(error) === 1) schedule.onFailure();
    });
  }
  await Promise.allSettled(running);
  if (failures.length > 0) throw failures[0];
  return results;
}
