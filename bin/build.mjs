import { rmSync } from 'node:fs';
import { environmentOfProject, inRoot, PROJECT_NODE } from './lib/places.mjs';
import { runStep } from './lib/run-step.mjs';
import { ensureReady } from './setup.mjs';

// `npm run build`: compiles everything that runs in a deployment into dist/.
await ensureReady();
rmSync(inRoot('dist'), { recursive: true, force: true });
try {
  await runStep({
    title: 'Compiling to dist/',
    command: PROJECT_NODE,
    args: [inRoot('node_modules/typescript/bin/tsc'), '-p', inRoot('tsconfig.build.json')],
    environment: environmentOfProject(),
  });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
