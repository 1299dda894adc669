import fc from "fast-check";

// A commit passes or fails in CI by what it changes, not by what is drawn; everywhere else each run draws anew, and what a run finds
// becomes a test of its own.
if (process.env.CI) fc.configureGlobal({ seed: 20_261_124 });
