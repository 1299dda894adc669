interface Limit {
  readonly default: number;
  readonly unit: "bytes" | "records" | "frames" | "ms" | "levels" | "count";
  readonly reason: string;
}

const KiB = 1024;
const MiB = 1024 * KiB;

/** Every bound of the project, in one place. The name says what is bounded, its unit and that it is a maximum. */
export const limits = {
  benchRecordBytesMax: {
    default: 32 * MiB,
    unit: "bytes",
    reason:
      "records to measure with are held as they are and once more as batches; more are none of a cache's size",
  },
  benchRoundsMax: {
    default: 200,
    unit: "count",
    reason: "the exact test looks at each two rounds; more of them tell nothing that longer ones do not",
  },
  benchSliceBatchesMax: {
    default: 20_000,
    unit: "count",
    reason: "the time of each batch is kept until the end, for the rarest of them",
  },
  frameBytesMax: {
    default: 64 * MiB,
    unit: "bytes",
    reason: "spans are 32-bit and a frame is moved whole; 64 MiB keeps a move well under a deadline",
  },
  batchBytes: {
    default: 1 * MiB,
    unit: "bytes",
    reason: "large enough that the cost of a call vanishes, small enough to stay in a core's cache",
  },
  batchRecordsMax: {
    default: 65_536,
    unit: "records",
    reason: "bounds the columns of a frame of very short records to half of what the bytes may take",
  },
  recordBytesMax: {
    default: 16 * MiB,
    unit: "bytes",
    reason: "one record must fit a frame with room for what a module makes of it",
  },
  outputBytesMax: {
    default: 64 * MiB,
    unit: "bytes",
    reason:
      "spans may alias, so their sum is bounded before anything is gathered; a larger batch would not be a frame",
  },
  framesInFlightMax: {
    default: 3,
    unit: "frames",
    reason:
      "one being read, one in the modules, one being written; more only push each other out of the caches",
  },
  unflushedBytesMax: {
    default: 8 * MiB,
    unit: "bytes",
    reason: "one flush for many small batches; more would only make a restart repeat more",
  },
  flushDelayMsMax: {
    default: 10,
    unit: "ms",
    reason:
      "while records keep coming they share a flush; when they stop, nobody waits noticeably for the last ones",
  },
  parametersBytesMax: {
    default: 1 * MiB,
    unit: "bytes",
    reason: "parameters are settings written by people; more belongs in records",
  },
  fluvioStringBytesMax: {
    default: 32_767,
    unit: "bytes",
    reason: "a module built for Fluvio reads the length of a text as a signed number of 16 bits",
  },
  replayedLookBackBytesMax: {
    default: 64 * MiB,
    unit: "bytes",
    reason:
      "earlier records are kept to be shown to a new instance after a trap; more are read once and let go",
  },
  instanceBytesMax: {
    default: 128 * MiB,
    unit: "bytes",
    reason: "a module whose memory only grows is given up for a new instance, where nothing is lost by it",
  },
  responseBytesMax: {
    default: 256 * MiB,
    unit: "bytes",
    reason: "a response body is held whole while records are taken out of it",
  },
  requestMsMax: {
    default: 30_000,
    unit: "ms",
    reason: "a server that has not answered by then is better asked again than waited for",
  },
  redirectsMax: {
    default: 10,
    unit: "count",
    reason: "more in a row are a circle, or a server that plays games",
  },
  retryAfterMsMax: {
    default: 3_600_000,
    unit: "ms",
    reason: "a server may ask to be left alone, but a slip of its clock must not silence a pipeline for days",
  },
  streamIdleMsMax: {
    default: 60_000,
    unit: "ms",
    reason:
      "servers of streams send something at least twice a minute; one that is silent for longer has often gone without a word",
  },
  eventFieldBytesMax: {
    default: 1 * KiB,
    unit: "bytes",
    reason: "the id and type of an event are names; the id goes into a header of the next request",
  },
  connectMsMax: {
    default: 5_000,
    unit: "ms",
    reason:
      "a server anywhere on earth takes a connection within a second or two, names and encryption included",
  },
  sendMsMax: {
    default: 15_000,
    unit: "ms",
    reason: "as Fluvio's http-sink; a server that has not answered by then is sent the record again",
  },
  sendAttemptsMax: {
    default: 10,
    unit: "count",
    reason:
      "with growing delays they bridge some minutes, such as a restart; what takes longer is for people to see",
  },
  sendFirstDelayMsMax: {
    default: 1_000,
    unit: "ms",
    reason: "as Fluvio's http-sink",
  },
  sendConcurrencyMax: {
    default: 64,
    unit: "count",
    reason: "more requests at once to one server only wait there",
  },
  requestRecordsMax: {
    default: 1_000,
    unit: "records",
    reason: "most services that take batches take about so many records at once",
  },
  requestBytesMax: {
    default: 1 * MiB,
    unit: "bytes",
    reason: "what most servers take as a body when nobody has set them up otherwise",
  },
  discardedBytesMax: {
    default: 64 * KiB,
    unit: "bytes",
    reason:
      "a short body is read to its end so that the connection can be used again; a longer one is cut off",
  },
  retryFirstDelayMsMax: {
    default: 500,
    unit: "ms",
    reason: "most failures are over at once, and half a second spreads the clients of one server apart",
  },
  retryDelayMsMax: {
    default: 60_000,
    unit: "ms",
    reason: "a server that is back is noticed within a minute, and one that is down is left alone",
  },
  pollAttemptsMax: {
    default: 3,
    unit: "count",
    reason: "with --once somebody waits for the end; three attempts get past a hiccup",
  },
  websocketPingMs: {
    default: 10_000,
    unit: "ms",
    reason: "as Fluvio's http-source does; a connection that is gone shows within the idle time",
  },
  webhookBodyBytesMax: {
    default: 1 * MiB,
    unit: "bytes",
    reason: "services that call webhooks send some kilobytes; what is larger was not meant for one",
  },
  webhookWaitingMax: {
    default: 1_024,
    unit: "count",
    reason: "more requests than are stored in a second or two; who comes later is better sent away than kept",
  },
  webhookWaitingBytesMax: {
    default: 64 * MiB,
    unit: "bytes",
    reason: "bounds the memory that all bodies take together, those that still arrive too",
  },
  webhookConnectionsMax: {
    default: 4_096,
    unit: "count",
    reason: "a connection costs some kilobytes and a file descriptor, and takes no turn while it is silent",
  },
  webhookRequestMsMax: {
    default: 30_000,
    unit: "ms",
    reason: "a request that takes longer to arrive is kept open to keep others out, or its sender has gone",
  },
  webhookHeadMsMax: {
    default: 10_000,
    unit: "ms",
    reason: "the head of a request is a few hundred bytes",
  },
  webhookDiscardedBytesMax: {
    default: 4 * MiB,
    unit: "bytes",
    reason:
      "what a sender may still send after it was refused, so that it sees the answer; then its connection is cut",
  },
  webhookRetrySeconds: {
    default: 1,
    unit: "count",
    reason: "seconds that senders are asked to stay away while too many wait: the queue empties within that",
  },
  webhookCloseMsMax: {
    default: 2_000,
    unit: "ms",
    reason: "time for answers to arrive before connections are cut at the end",
  },
  headerNamesKeptMax: {
    default: 256,
    unit: "count",
    reason:
      "records have a few names of headers, over and over; who makes up new ones must not fill the memory",
  },
  sampleBytesMax: {
    default: 256,
    unit: "bytes",
    reason: "enough of a rejected record for people to recognise it by",
  },
  jsonDepthMax: {
    default: 512,
    unit: "levels",
    reason: "deeper nesting is an attack or a mistake, and the scanner keeps one bit for each level",
  },
  fileRecheckMs: {
    default: 1000,
    unit: "ms",
    reason:
      "how late a change of a followed file is seen at worst, and how long one that was renamed may still be written to",
  },
  globFilesMax: {
    default: 10_000,
    unit: "count",
    reason: "the place in each file is stored with every batch; followed ones are all kept open",
  },
  globPatternsMax: {
    default: 1000,
    unit: "count",
    reason: "braces multiply, so a short path may stand for billions of patterns",
  },
  configBytesMax: {
    default: 1 * MiB,
    unit: "bytes",
    reason:
      "a config, its secrets and the description of a module are written by people; Kubernetes takes no larger ones either",
  },
  configValuesMax: {
    default: 100_000,
    unit: "count",
    reason: "aliases repeat what they stand for, so a short file may mean billions of values",
  },
  secretCharactersMin: {
    default: 4,
    unit: "count",
    reason: "a shorter text is part of too many words and numbers to be hidden wherever it stands",
  },
  recordErrorBytesMax: {
    default: 4 * KiB,
    unit: "bytes",
    reason: "an error text is for people; a module must not be able to flood the log through it",
  },
  recordOutputBytesMax: {
    default: 64 * MiB,
    unit: "bytes",
    reason: "what a module makes of one record has to fit into one frame, with what it makes of the others",
  },
  recordExpansionMax: {
    default: 1_048_576,
    unit: "records",
    reason:
      "one record may become as many as a whole batch may; a module that splits what it should not is known by it",
  },
  moduleLogLinesMax: {
    default: 1_000,
    unit: "count",
    reason:
      "lines of the log that a module may write for a batch; people read a few, and the rest buries them",
  },
  expandedRecordsMax: {
    default: 1_048_576,
    unit: "records",
    reason:
      "a module may make many records of one, but the columns of what it makes of a batch take 37 bytes for each",
  },
  accumulatorBytesMax: {
    default: 1 * MiB,
    unit: "bytes",
    reason:
      "it is stored with every batch, in the same transaction; what grows without bound belongs into a topic",
  },
  moduleLogBytesMax: {
    default: 64 * KiB,
    unit: "bytes",
    reason: "what a module logs for a batch is for people; a module must not be able to flood the log",
  },
  memoryBytesMax: {
    default: 1024 * MiB,
    unit: "bytes",
    reason:
      "of one instance of a module: as much as Fluvio allows, and enough for the most that a batch can be made into",
  },
  tableElementsMax: {
    default: 100_000,
    unit: "count",
    reason:
      "functions that one instance of a module can call by number; compilers make a table of as many as there are",
  },
  moduleBytesMax: {
    default: 64 * MiB,
    unit: "bytes",
    reason:
      "a module is held whole, and compiling it takes many times its size; the largest interpreters have 40 MB",
  },
  instanceImageBytesMax: {
    default: 8 * MiB,
    unit: "bytes",
    reason:
      "a small instance is put back after a trap from a copy of its memory; a large one is made anew, and no copy is held",
  },
  fuelPerRecord: {
    default: 50_000_000,
    unit: "count",
    reason:
      "instructions, counted by the longest way; some 10 ms, and fifty times what parsing 4 KiB of JSON with serde takes",
  },
  fuelPerSetup: {
    default: 1_000_000_000,
    unit: "count",
    reason:
      "instructions of one call that is for no record, such as init; under a second, enough to build large tables",
  },
  deadlineMs: {
    default: 10_000,
    unit: "ms",
    reason:
      "of one module for one batch; a batch takes milliseconds, with heavy modules a second or two, and a busy machine must " +
      "not make a miss of that",
  },
  threadEndsMax: {
    default: 5,
    unit: "count",
    reason:
      "how often in a row the thread of the modules may end by itself without a batch that is done; then it is not the records",
  },
  moduleNameCharactersMax: {
    default: 64,
    unit: "count",
    reason:
      "group, name and version together become the name of a file, which file systems hold to 255 bytes",
  },
  storedModulesMax: {
    default: 1_000,
    unit: "count",
    reason: "all of them are looked through for a name; more belong into several stores",
  },
  fileWatchMs: {
    default: 500,
    unit: "ms",
    reason:
      "how often a watched config and its modules are looked at; a change is taken over at the second look at it",
  },
  blockDepthMax: {
    default: 16_384,
    unit: "levels",
    reason:
      "blocks within blocks of a module's code, each of which is noted while it is read; compilers make hundreds",
  },
  captureRecordsMax: {
    default: 1_000_000,
    unit: "records",
    reason: "more than people look at or a test needs; a capture that nobody thinks of must not fill a disk",
  },
  captureBytesMax: {
    default: 256 * MiB,
    unit: "bytes",
    reason: "as the number of records: a capture that nobody thinks of must not fill a disk",
  },
  captureEntryBytesMax: {
    default: 512 * MiB,
    unit: "bytes",
    reason:
      "a batch with what each of a few steps made of it, which is read whole; usual ones have some megabytes",
  },
  captureEnvelopeBytesMax: {
    default: 32 * MiB,
    unit: "bytes",
    reason: "what is said of the records of a batch beside their frames, some bytes for each and each step",
  },
  replayDifferencesMax: {
    default: 20,
    unit: "records",
    reason: "the first few differences tell what is wrong; all are counted",
  },
  diffShownMax: {
    default: 1000,
    unit: "records",
    reason: "differences that are shown are held until the end, and nobody reads more; all are counted",
  },
  diffSampleRecordsMax: {
    default: 50_000,
    unit: "records",
    reason: "so many records to measure with are in no cache for having been there before; more are not kept",
  },
  diffGeneratedRecords: {
    default: 10_000,
    unit: "records",
    reason: "made-up records show rare differences by their number, and a look takes no longer than a breath",
  },
  fuzzRecordsMax: {
    default: 24,
    unit: "records",
    reason: "faults of modules show with a few records in a row, and small inputs are tried fast",
  },
  skippedShownMax: {
    default: 10,
    unit: "records",
    reason: "a few skipped records of a stage show what is wrong; thousands would bury it",
  },
  refusedAttempts: {
    default: 5,
    unit: "count",
    reason: "with growing delays five attempts take some seconds, which gets past a restart of a server",
  },
  errorWindowRecordsMax: {
    default: 1_000_000,
    unit: "records",
    reason: "the window remembers one byte for each record",
  },
  causesShownMax: {
    default: 3,
    unit: "count",
    reason: "the first few causes of many failures tell what is wrong, and mostly they are the same one",
  },
  lettersAheadMax: {
    default: 1_024,
    unit: "records",
    reason:
      "what failed is held in memory until its batch is written: letters of more records wait until it is their batch's turn",
  },
  deadLetterFrameBytes: {
    default: 4 * MiB,
    unit: "bytes",
    reason:
      "letters are stored in frames of this size: memory stays bounded when all records fail, in few transactions",
  },
  deadLettersScannedMax: {
    default: 100_000,
    unit: "records",
    reason: "the youngest letters tell the causes; reading millions of them would keep people waiting",
  },
  topicNameCharactersMax: {
    default: 200,
    unit: "count",
    reason:
      "a topic's name is the name of a folder, which file systems hold to 255 bytes, and others are made from it",
  },
  topicMapBytes: {
    default: 64 * 1024 * MiB,
    unit: "bytes",
    reason:
      "address space kept for a topic's file, so that its map does not move; neither memory nor disk, and a file may outgrow it",
  },
  topicDiskBytesMin: {
    default: 4 * MiB,
    unit: "bytes",
    reason:
      "room on the disk that an append leaves, for the pages that lmdb copies and for what others write meanwhile",
  },
  topicRecheckMs: {
    default: 1000,
    unit: "ms",
    reason:
      "how late a record of another process is seen at worst, where the system reports no changes of files",
  },
  topicSettleMs: {
    default: 20,
    unit: "ms",
    reason: "a change of the file is reported a moment before what was written can be read",
  },
  testSettleMs: {
    default: 50,
    unit: "ms",
    reason:
      "editors and compilers write a file in several steps; tests that are watched run after the last one",
  },
  topicTrimFramesMax: {
    default: 256,
    unit: "frames",
    reason: "bounds what one transaction frees, so that others do not wait long for the topic's write lock",
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;
