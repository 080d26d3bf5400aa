/** The server's role may not read these columns, so that no query can ask for them by mistake. */
export const OMIT = {
  apiKey: { keyHash: true },
  user: { passwordHash: true },
  credential: { sealedValue: true },
  aiProvider: { sealedKey: true },
  webhookSecret: { sealedValue: true },
} as const;
