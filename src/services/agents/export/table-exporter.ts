import { findOwnerId } from '../records-owner.ts';
import { streamRows } from '../../platform/row-stream.ts';
import { systemViewer } from '../../platform/viewer.ts';
import type { Database } from '../../platform/database.ts';
import {
  DATASETS,
  datasetQuery,
  unknownFilters,
  type Dataset,
  type DatasetName,
  type ExportFilter,
} from './datasets.ts';
import { ExportError } from './errors.ts';
import { tableText, type TableFormat } from '../../platform/table-text.ts';

export interface TableExport {
  readonly name: DatasetName;
  readonly format: TableFormat;
  /** Whose rows; what is everyone's has no owner. */
  readonly ownerUsername: string;
  readonly filter: ExportFilter;
}

/**
 * Writes a list as a table, row by row, as it was at one moment; `write` gets its text in pieces,
 * and the next one when it is done with one. Throws NotFound for the owner, ExportError for a
 * filter that the list knows nothing of.
 */
export function createTableExporter({ workerDb }: { readonly workerDb: Database }) {
  return {
    async export(
      { name, format, ownerUsername, filter }: TableExport,
      write: (text: AsyncIterable<string>) => Promise<void>,
    ): Promise<void> {
      const dataset: Dataset = DATASETS[name];
      const [unknown] = unknownFilters(dataset, filter);
      if (unknown !== undefined) throw new ExportError(`${name} cannot be narrowed by ${unknown}.`);
      await workerDb.snapshot(systemViewer(), async (tx) => {
        const ownerId = await findOwnerId(tx, ownerUsername);
        const query = datasetQuery(dataset, { ownerId, filter });
        const rows = streamRows<Record<string, unknown>>(tx, 'exported', query);
        await write(tableText(rows, Object.keys(dataset.columns), format));
      });
    },
  };
}
