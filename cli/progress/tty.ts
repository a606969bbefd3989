// `--progress=tty`: the live view. Events change the picture; a timer paints it.

import type { BuildEvent } from "../../index.js";
import { renderFrame } from "./frame.js";
import { Screen, type TerminalOutput } from "./screen.js";
import type { Theme } from "./theme.js";
import type { BuildView } from "./view.js";

/** Milliseconds between two pictures. */
const INTERVAL = 100;

export interface LiveOptions {
  readonly theme: Theme;
  /** Lines of output below each running step. */
  readonly logLines: number;
  /** At the right of the first line. */
  readonly builder?: string;
}

export class LivePrinter {
  readonly #view: BuildView;
  readonly #screen: Screen;
  readonly #options: LiveOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #restore = (): void => this.#screen.close();

  constructor(view: BuildView, output: TerminalOutput, options: LiveOptions) {
    this.#view = view;
    this.#screen = new Screen(output);
    this.#options = options;
    this.#timer = setInterval(() => this.#paint(this.#screen.rows), INTERVAL).unref();
    process.once("exit", this.#restore);
  }

  on(event: BuildEvent): void {
    this.#view.apply(event);
  }

  /** Paints the last picture, whole. */
  end(): void {
    clearInterval(this.#timer);
    this.#paint(Infinity);
    this.#screen.close();
    process.removeListener("exit", this.#restore);
  }

  #paint(rows: number): void {
    this.#screen.draw(
      renderFrame(this.#view, { ...this.#options, columns: this.#screen.columns, rows, now: Date.now() }),
    );
  }
}
