#!/usr/bin/env sh
# Builds the guests in C, Rust, AssemblyScript and text form anew. Needs clang with wasm-ld (LLVM 14 or later), cargo with the target
# wasm32-unknown-unknown, and `npm run build` for AssemblyScript; nobody
# else does, since what it makes is committed. A tool that is not there leaves its guests as they are.
set -eu
cd "$(dirname "$0")"
if command -v clang >/dev/null; then
  for source in *.c; do
    name=${source%.c}
    clang --target=wasm32 -O3 -msimd128 -mbulk-memory -nostdlib -ffreestanding -Wall -Werror \
      -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=16384 -o "$name.wasm" "$source"
  done
fi
if command -v cargo >/dev/null; then
  target=$(mktemp -d)
  trap 'rm -rf "$target"' EXIT
  # Panics name the files of crates, which lie elsewhere on each machine.
  export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
  (cd serde && cargo build --locked --release --target wasm32-unknown-unknown --target-dir "$target")
  cp "$target/wasm32-unknown-unknown/release/serde_filter.wasm" serde-filter.wasm
fi
if [ -e ../../dist/bin.js ]; then
  for source in assembly/*.ts; do
    node ../../dist/bin.js build "$source" --output "$(basename "$source" .ts).wasm"
  done
fi
npx wat2wasm spin.wat -o spin.wasm
sha256sum *.wasm >guests.sha256
