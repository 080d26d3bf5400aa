import { Presets, SingleBar } from 'cli-progress';

export interface ProgressState {
  readonly done: number;
  readonly total: number;
  /** What happens now. */
  readonly label: string;
}

export interface Progress {
  update(state: ProgressState): void;
  stop(): void;
}

/** No step of a command is silent for 10 s. */
const REMINDER_MS = 5_000;

/**
 * Shows how far a command is, on standard error: a bar where somebody looks, and else a line for
 * each new label and one every few seconds.
 */
export function showProgress(firstLabel: string): Progress {
  return process.stderr.isTTY ? showBar(firstLabel) : showLines(firstLabel);
}

function showBar(firstLabel: string): Progress {
  const format = '{bar} {percentage}% | {label}';
  const options = { format, stream: process.stderr, hideCursor: true, stopOnComplete: false };
  const bar = new SingleBar(options, Presets.shades_classic);
  bar.start(1, 0, { label: firstLabel });
  return {
    update({ done, total, label }) {
      bar.setTotal(total);
      bar.update(done, { label });
    },
    stop: () => {
      bar.stop();
    },
  };
}

function showLines(firstLabel: string): Progress {
  let state: ProgressState = { done: 0, total: 1, label: firstLabel };
  const print = () => {
    const percent = Math.floor((100 * state.done) / state.total);
    process.stderr.write(`${String(percent).padStart(3)}% ${state.label}\n`);
  };
  print();
  const reminder = setInterval(print, REMINDER_MS);
  return {
    update(next) {
      const isNew = next.label !== state.label;
      state = next;
      if (isNew) print();
    },
    stop: () => {
      clearInterval(reminder);
    },
  };
}
