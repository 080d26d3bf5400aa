/** Beginnings of the names of language models, and who serves them. */
const PROVIDERS: readonly (readonly [prefix: string, provider: string])[] = [
  ['gpt', 'openai'],
  ['claude', 'anthropic'],
  ['gemini', 'google'],
  ['deepseek', 'deepseek'],
  ['qwen', 'alibaba'],
  ['minimax', 'minimax'],
];

/** Who serves the language model of that name, as far as the name tells; "unknown" else. */
export function guessProvider(modelName: string): string {
  const name = modelName.toLowerCase();
  return PROVIDERS.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'unknown';
}
