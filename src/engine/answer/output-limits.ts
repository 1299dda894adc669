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

/** What is said of a record whose output does not fit beside what is made of the other records of its batch. */
export function tooMuchOfBatch(byteCount: number, bytesMax: number): string {
  const found = `its output of ${byteCount} bytes does not fit: its batch may become ${bytesMax} bytes in all`;
  const remedy =
    "`output-bytes-per-batch` under `limits:` says how much, and smaller batches (`batch-bytes`) become less";
  return `${found}; ${remedy}`;
}
