export { openLmdbStore } from "./lmdb-store.ts";
