import { mayBeJson, readFileHead } from './file-head.ts';
import { findFiles } from './file-tree.ts';

export interface NewsFile {
  readonly file: string;
  readonly sizeBytes: number;
}

const NEWS_FILE = /^news.*\.json$/;
const FOLDERS_OF_TRADERS: ReadonlySet<string> = new Set(['log', 'position', 'node_modules']);
const FEED_KEY = '"feed"';

/**
 * The files named news*.json below a directory that hold a feed, or are too damaged to tell. Throws
 * ImportError when there is no such directory.
 */
export async function findNewsFiles(directory: string): Promise<readonly NewsFile[]> {
  const candidates = await findFiles(directory, {
    skippedFolders: FOLDERS_OF_TRADERS,
    wants: (name) => NEWS_FILE.test(name),
  });
  const files: NewsFile[] = [];
  for (const { file } of candidates) {
    const head = await readFileHead(file);
    const isNews = head.text.includes(FEED_KEY) || !mayBeJson(head);
    if (isNews) files.push({ file, sizeBytes: head.sizeBytes });
  }
  return files;
}
