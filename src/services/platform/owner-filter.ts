import { requireUser, type Viewer } from './viewer.ts';

/**
 * The filter that every list of somebody's own things carries, after the caller's selection, so that
 * a caller can narrow rows and never widen them. Throws Unauthenticated when nobody is logged in.
 */
export function ownedBy(viewer: Viewer): { ownerId: string } {
  return { ownerId: requireUser(viewer).userId };
}
