import { existsSync } from 'node:fs';
import { launch } from './lib/launch.mjs';
import { inRoot } from './lib/places.mjs';
import { ensureReady } from './setup.mjs';

// `npm run cli -- …`: the commands of operators. A deployment runs what `npm run build` made.
const COMPILED = 'dist/src/cli.js';
const isDeployed = process.env.NODE_ENV === 'production' && existsSync(inRoot(COMPILED));
if (!isDeployed) await ensureReady();
await launch(isDeployed ? COMPILED : 'src/cli.ts', process.argv.slice(2));
