import path from 'node:path';

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;
const SAYS_NOTHING = /^(helpers?|utils?|utilities|misc|common)$/;

/**
 * A file is kebab-case and named after one noun. A leading dot is allowed for the configuration of
 * tools that ask for it; a name that says nothing ("utils") is not a noun of the domain.
 */
export const fileNameRule = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      kebab: 'Name the file in kebab-case: "{{name}}" is not.',
      noun: 'Name the file after what it holds; "{{stem}}" says nothing.',
    },
  },
  create(context) {
    return {
      Program(node) {
        const name = path.basename(context.filename).replace(/^\./, '');
        const stem = name.split('.')[0] ?? '';
        if (!KEBAB_CASE.test(name)) context.report({ node, messageId: 'kebab', data: { name } });
        if (SAYS_NOTHING.test(stem)) context.report({ node, messageId: 'noun', data: { stem } });
      },
    };
  },
};
