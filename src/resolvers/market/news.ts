import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import { NewsArticle, NewsArticleConnection, NewsMention } from '../../schema/market/news.ts';
import { SEARCH, searchCost } from '../../schema/search.ts';
import { given } from '../given.ts';
import { listedPage } from '../pages.ts';

const SYMBOLS_MAX = 100;

builder.queryField('news', (t) =>
  t.connection(
    {
      type: NewsArticle,
      description: 'The news of the market, newest first: what is published by now.',
      args: {
        symbols: t.arg.stringList({
          required: false,
          description: `Only about any of these, at most ${SYMBOLS_MAX}; none for an empty list.`,
          validate: z.array(z.string()).max(SYMBOLS_MAX),
        }),
        from: t.arg({ type: 'DateTime', required: false, description: 'Published then or later.' }),
        to: t.arg({ type: 'DateTime', required: false, description: 'Published before.' }),
        search: t.arg.string({ required: false, description: SEARCH }),
      },
      complexity: searchCost,
      resolve: (_root, args, { viewer, services: { news } }) => {
        const { symbols, from, to, search, ...page } = args;
        const wanted = given({ symbols, from, to, search });
        return listedPage(page, {
          timeField: 'knownAt',
          list: (_, request) => news.list(viewer, request, wanted),
          count: () => news.count(viewer, wanted),
        });
      },
    },
    NewsArticleConnection,
  ),
);

builder.objectField(NewsArticle, 'mentions', (t) =>
  t.field({
    type: [NewsMention],
    description: 'What it says of each symbol.',
    resolve: (article, _args, { services }) => services.news.mentionsOf(article),
  }),
);
