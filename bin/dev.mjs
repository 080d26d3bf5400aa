import { inRoot } from './lib/places.mjs';
import { runOnProjectNode, stopWithNpm } from './lib/launch.mjs';
import { ensureReady } from './setup.mjs';

// `npm run dev`: as `npm start`, and once more whenever a file that it uses has changed.
await ensureReady();
stopWithNpm();
await runOnProjectNode(['--watch', '--watch-preserve-output', inRoot('src/start.ts')]);
