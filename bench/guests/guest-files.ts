/** Modules that benchmarks run: small ones in C and Rust from this folder, and the AssemblyScript ones that users get. */
export const guestFile = {
  keep: "bench/guests/keep.wasm",
  search: "bench/guests/search.wasm",
  serdeFilter: "bench/guests/serde-filter.wasm",
  jsonFilter: "smartmodules/assemblyscript/json-filter/json-filter.wasm",
  jsonPick: "smartmodules/assemblyscript/json-pick/json-pick.wasm",
} as const;
