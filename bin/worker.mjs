import { existsSync } from 'node:fs';
import { launch, stopWithNpm } from './lib/launch.mjs';
import { inRoot } from './lib/places.mjs';
import { ensureReady } from './setup.mjs';

// `npm run worker`: a deployment runs what `npm run build` made.
const COMPILED = 'dist/src/worker.js';
const isDeployed = process.env.NODE_ENV === 'production' && existsSync(inRoot(COMPILED));
if (!isDeployed) await ensureReady();
stopWithNpm();
await launch(isDeployed ? COMPILED : 'src/worker.ts');
