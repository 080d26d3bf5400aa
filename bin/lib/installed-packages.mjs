import { existsSync, readFileSync } from 'node:fs';
import { inRoot, PROJECT_NODE } from './places.mjs';

/**
 * Whether node_modules holds what package-lock.json says, as after an `npm install` by hand. npm
 * writes down what it put there; a package that fits another platform alone may be absent.
 */
export function isInstalled() {
  const installed = packagesIn('node_modules/.package-lock.json');
  if (installed === undefined || !existsSync(PROJECT_NODE)) return false;
  return Object.entries(packagesIn('package-lock.json') ?? {})
    .filter(([folder]) => folder !== '')
    .every(([folder, wanted]) => {
      const found = installed[folder];
      if (found === undefined) return wanted.optional === true;
      return found.version === wanted.version && found.integrity === wanted.integrity;
    });
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(inRoot(file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
