import { existsSync } from 'node:fs';
import { launch, stopWithNpm } from './lib/launch.mjs';
import { inRoot } from './lib/places.mjs';

// `npm run start:prod`: runs what `npm run build` made, and installs, migrates and seeds nothing.
const COMPILED = 'dist/src/start.js';
process.env.NODE_ENV = 'production';
if (existsSync(inRoot(COMPILED))) {
  stopWithNpm();
  await launch(COMPILED);
} else {
  process.stderr.write('dist/ is missing. Run: npm run build\n');
  process.exitCode = 1;
}
