export function medianOf(values: readonly number[]): number {
  return quantileOf(values, 0.5);
}

/** The smallest value that `share` of them do not exceed; 0 of none. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
