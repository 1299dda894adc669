/** Modules that benchmarks run: small ones in C and Rust from this folder, the AssemblyScript ones that users get, and ones for Fluvio. */
export const guestFile = {
  keep: "bench/guests/keep.wasm",
  search: "bench/guests/search.wasm",
  spin: "bench/guests/spin.wasm",
  serdeFilter: "bench/guests/serde-filter.wasm",
  faulty: "bench/guests/faulty.wasm",
  jsonFilter: "smartmodules/assemblyscript/json-filter/json-filter.wasm",
  fluvioFilter: "test/fixtures/fluvio/filter.wasm",
  fluvioMap: "test/fixtures/fluvio/map.wasm",
  fluvioJsonMap: "test/fixtures/fluvio/json-map.wasm",
  fluvioArrayMap: "test/fixtures/fluvio/array-map.wasm",
  jsonPick: "smartmodules/assemblyscript/json-pick/json-pick.wasm",
} as const;
