;; Takes records over into a guest's memory one by one, and back what it makes of them, from and to the memory of a batch's buffer.
;; Code of WebAssembly sees one memory only. So there are two instances, one on each memory, and bytes go from one to the other
;; as numbers of 128 bits, four in a call: for as few bytes as a record has, that is sooner done than a view of them is made.
;; `near-side-binary.ts` holds this file built; a test builds it again and compares.
(module
  (import "frame" "memory" (memory 1))
  (import "guest" "alloc" (func $alloc (param i32) (result i32)))
  (import "guest" "fuel" (global $fuel (mut i64)))
  (import "far" "put64" (func $put64 (param i32 v128 v128 v128 v128)))
  (import "far" "put16" (func $put16 (param i32 v128)))
  (import "far" "get64" (func $get64 (param i32) (result v128 v128 v128 v128)))
  (import "far" "pages" (func $pages (result i32)))

  ;; Writes an input with one record to `scratch`, gives the guest that much fuel, asks it for memory and moves the input there.
  ;; Returns where, also when that is no memory of the guest's, and then nothing was moved. The input has `size` bytes, of which
  ;; the record has `recordLength` behind its length, and the last ones are those at `tail`. `keyLength` is -1 for a record
  ;; without key. 32 bytes behind value, key, tail and scratch are looked at or overwritten.
  (func (export "give") (param $size i32) (param $recordLength i32) (param $offset f64) (param $delta i32)
    (param $value i32) (param $valueLength i32) (param $key i32) (param $keyLength i32) (param $tail i32) (param $tailLength i32)
    (param $scratch i32) (param $fuelGiven f64) (result i32)
    (local $at i32) (local $to i32) (local $last i32)
    (i64.store (local.get $scratch) (call $bigEndian64 (i64.trunc_sat_f64_s (local.get $offset))))
    (i32.store offset=8 (local.get $scratch)
      (call $bigEndian32
        (i32.sub (i32.sub (local.get $size) (local.get $tailLength)) (i32.const 12))))
    ;; One record.
    (i32.store offset=12 (local.get $scratch) (i32.const 0x01000000))
    (local.set $to (call $writeVarint (i32.add (local.get $scratch) (i32.const 16)) (local.get $recordLength)))
    ;; Attributes and timestamp delta.
    (i32.store16 (local.get $to) (i32.const 0))
    (local.set $to (call $writeVarint (i32.add (local.get $to) (i32.const 2)) (local.get $delta)))
    (i32.store8 (local.get $to) (i32.ne (local.get $keyLength) (i32.const -1)))
    (local.set $to (i32.add (local.get $to) (i32.const 1)))
    (if (i32.ne (local.get $keyLength) (i32.const -1))
      (then
        (local.set $to (call $writeVarint (local.get $to) (local.get $keyLength)))
        (call $copy (local.get $key) (local.get $to) (local.get $keyLength))
        (local.set $to (i32.add (local.get $to) (local.get $keyLength)))))
    (local.set $to (call $writeVarint (local.get $to) (local.get $valueLength)))
    (call $copy (local.get $value) (local.get $to) (local.get $valueLength))
    (local.set $to (i32.add (local.get $to) (local.get $valueLength)))
    (i32.store8 (local.get $to) (i32.const 0))
    (call $copy (local.get $tail) (i32.add (local.get $to) (i32.const 1)) (local.get $tailLength))
    (global.set $fuel (i64.trunc_sat_f64_s (local.get $fuelGiven)))
    (local.set $at (call $alloc (local.get $size)))
    (if
      (i32.or
        (i32.eqz (local.get $at))
        (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $at)) (i64.extend_i32_u (local.get $size)))
          (i64.shl (i64.extend_i32_u (call $pages)) (i64.const 16))))
      (then (return (local.get $at))))
    (local.set $to (local.get $at))
    (local.set $last (i32.add (local.get $scratch) (i32.sub (local.get $size) (i32.const 64))))
    (block $done
      (loop $blocks
        (br_if $done (i32.gt_s (local.get $scratch) (local.get $last)))
        (call $put64 (local.get $to)
          (v128.load (local.get $scratch))
          (v128.load offset=16 (local.get $scratch))
          (v128.load offset=32 (local.get $scratch))
          (v128.load offset=48 (local.get $scratch)))
        (local.set $to (i32.add (local.get $to) (i32.const 64)))
        (local.set $scratch (i32.add (local.get $scratch) (i32.const 64)))
        (br $blocks)))
    (local.set $last (i32.add (local.get $last) (i32.const 48)))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_s (local.get $scratch) (local.get $last)))
        (call $put16 (local.get $to) (v128.load (local.get $scratch)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $scratch (i32.add (local.get $scratch) (i32.const 16)))
        (br $blocks)))
    ;; The last ones once more, where they are no 16 bytes.
    (call $put16
      (i32.add (local.get $at) (i32.sub (local.get $size) (i32.const 16)))
      (v128.load (local.get $last)))
    (local.get $at))

  ;; Moves what was handed over from the guest's memory to `to`. 63 bytes behind it are read, and as many overwritten.
  (func (export "take") (param $at i32) (param $length i32) (param $to i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (call $store64 (local.get $to) (call $get64 (local.get $at)))
        (local.set $to (i32.add (local.get $to) (i32.const 64)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $blocks))))

  (func $store64 (param $to i32) (param v128 v128 v128 v128)
    (v128.store (local.get $to) (local.get 1))
    (v128.store offset=16 (local.get $to) (local.get 2))
    (v128.store offset=32 (local.get $to) (local.get 3))
    (v128.store offset=48 (local.get $to) (local.get 4)))

  ;; 32 bytes behind both are looked at and overwritten.
  (func $copy (param $from i32) (param $to i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $length)))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
        (v128.store (local.get $to) (v128.load (local.get $from)))
        (v128.store offset=16 (local.get $to) (v128.load offset=16 (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (local.set $to (i32.add (local.get $to) (i32.const 32)))
        (br $blocks))))

  ;; Writes a varint of a number that is not negative, and returns where what follows goes.
  (func $writeVarint (param $at i32) (param $number i32) (result i32)
    (local $coded i32)
    (local.set $coded (i32.shl (local.get $number) (i32.const 1)))
    (block $done
      (loop $groups
        (br_if $done (i32.le_u (local.get $coded) (i32.const 0x7f)))
        (i32.store8 (local.get $at) (i32.or (local.get $coded) (i32.const 0x80)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $coded (i32.shr_u (local.get $coded) (i32.const 7)))
        (br $groups)))
    (i32.store8 (local.get $at) (local.get $coded))
    (i32.add (local.get $at) (i32.const 1)))

  (func $bigEndian32 (param $number i32) (result i32)
    (i32.or
      (i32.and (i32.rotl (local.get $number) (i32.const 8)) (i32.const 0x00ff00ff))
      (i32.and (i32.rotr (local.get $number) (i32.const 8)) (i32.const 0xff00ff00))))

  (func $bigEndian64 (param $number i64) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (call $bigEndian32 (i32.wrap_i64 (local.get $number)))) (i64.const 32))
      (i64.extend_i32_u (call $bigEndian32 (i32.wrap_i64 (i64.shr_u (local.get $number) (i64.const 32))))))))
