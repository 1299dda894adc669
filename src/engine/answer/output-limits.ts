/** What is said of a record of which a module makes more than it may. */
export function tooMuchOutput(byteCount: number, bytesMax: number): string {
  const found = `its output has ${byteCount} bytes, and ${bytesMax} is the limit`;
  return `${found}; \`output-bytes-per-record\` under \`limits:\` says how much`;
}

/** What is said of a record that becomes more records than it may. */
export function tooMuchRecords(recordCount: number, recordsMax: number): string {
  const found = `it becomes ${recordCount} records, and ${recordsMax} is the limit`;
  return `${found}; \`output-records-per-record\` under \`limits:\` says how many`;
}

export const tooMuchOutputHint =
  "make smaller batches (`batch-bytes`), or let the module make less of each record; `output-bytes-per-batch` under " +
  "`limits:` says how much a batch may become";
