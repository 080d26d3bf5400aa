/** One rule of the books, as SQL over all of them. */
export interface AuditRule {
  readonly name: string;
  /** What must hold, in words. */
  readonly rule: string;
  /**
   * One row for each thing checked: `subject`, what it must be (`expected`) and what it is
   * (`found`).
   */
  readonly sql: string;
}
