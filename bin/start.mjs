import { launch, stopWithNpm } from './lib/launch.mjs';
import { ensureReady } from './setup.mjs';

// `npm start`: everything that is missing is installed, then the API runs from its sources.
await ensureReady();
stopWithNpm();
await launch('src/start.ts');
