#!/usr/bin/env sh
# Builds the C guests anew. Needs clang with wasm-ld (LLVM 14 or later); nobody else does, since what it makes is committed.
set -eu
cd "$(dirname "$0")"
for source in *.c; do
  name=${source%.c}
  clang --target=wasm32 -O3 -msimd128 -mbulk-memory -nostdlib -ffreestanding -Wall -Werror \
    -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=16384 -o "$name.wasm" "$source"
done
sha256sum *.wasm >guests.sha256
