import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

const AgentLogKindEnum = builder.enumType('AgentLogKind', {
  description: 'What a line of the log is.',
  values: {
    SYSTEM: { description: 'What the program told the model, or noted about the run.' },
    USER: { description: 'What the model was asked.' },
    ASSISTANT: { description: 'What the model thought or answered.' },
    TOOL: { description: 'What a tool answered.' },
    DECISION: { description: 'What the model decided.' },
  },
});

export const AgentLogEntry = builder.prismaNode('AgentLogEntry', {
  nullable: true,
  description:
    'One line of what a model read, thought and decided. Others see it only when the model is ' +
    'public and its owner publishes the log.',
  id: { field: 'id' },
  fields: (t) => ({
    runId: t.expose('runId', {
      type: 'UUID',
      description: 'The run that it belongs to. Orders of that run carry the same id.',
    }),
    sequence: t.exposeInt('sequence', { description: 'Its place in the run, from 0.' }),
    date: t.expose('date', {
      type: 'Date',
      description: "Trading day that it belongs to, in the zone of the model's account.",
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it was written.' }),
    kind: t.expose('kind', { type: AgentLogKindEnum, description: 'What it is.' }),
    content: t.exposeString('content', { description: 'In words.' }),
    data: t.expose('data', {
      type: 'JSON',
      nullable: true,
      description: 'What was decided or called. Null when the line has no structure.',
    }),
  }),
});

export const AgentLogEntryConnection = connectionOf(AgentLogEntry, {
  name: 'AgentLogEntry',
  entries: 'lines of the log',
});
