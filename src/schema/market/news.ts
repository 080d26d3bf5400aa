import type { Mention } from '../../services/market/news.ts';
import type { NewsArticle as ArticleRow } from '../../services/platform/prisma/client.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

export const NewsMention = builder.objectRef<Mention>('NewsMention').implement({
  description: 'What an article says of one symbol.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'As our instruments are named: `BTC-USDT`.' }),
    relevance: t.expose('relevance', {
      type: 'Decimal',
      description: 'How much the article is about it, from 0 to 1.',
    }),
    sentiment: t.expose('sentiment', {
      type: 'Decimal',
      description: 'How it looks there, from −1 (bearish) to 1 (bullish).',
    }),
  }),
});

/**
 * Not of Prisma: its key has the time of publication, and an article has one id in all its forms.
 */
export const NewsArticle = builder.node(builder.objectRef<ArticleRow>('NewsArticle'), {
  description:
    'An article about the market. One that was corrected later shows its newest form, under the same ' +
    'id.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids: string[], { services, viewer }) => services.news.byIds(viewer, ids),
  fields: (t) => ({
    title: t.exposeString('title', { description: 'Its headline.' }),
    url: t.exposeString('url', { description: 'Where it stands.' }),
    summary: t.exposeString('summary', { description: 'What it says, in short; may be empty.' }),
    source: t.exposeString('source', { description: 'Who published it; may be empty.' }),
    publishedAt: t.expose('knownAt', { type: 'DateTime', description: 'When it was published.' }),
    symbols: t.exposeStringList('symbols', { description: 'What it is about.' }),
    sentiment: t.expose('sentiment', {
      type: 'Decimal',
      nullable: true,
      description:
        'How it looks as a whole, from −1 (bearish) to 1 (bullish). Null when nobody judged it.',
    }),
  }),
});

export const NewsArticleConnection = connectionOf(NewsArticle, {
  name: 'NewsArticle',
  entries: 'articles',
});
