;; What the host does to every byte of a frame, in SIMD: it runs on the memory of a frame buffer, so nothing is moved for it.
;; `kernel-binary.ts` holds this file built; a test builds it again and compares.
(module
  (import "frame" "memory" (memory 1))

  ;; Writes the span { at, length } of each line that begins in [from, end) to the column at `column`, at most `recordsMax` (1 or
  ;; more), without its line end, \n or \r\n; the last line need not have one. Behind the last span it writes where the first line
  ;; begins that has none. Returns the number of lines. `from` is below `end`, and 64 bytes behind `end` can be read.
  (func (export "splitLines") (param $from i32) (param $end i32) (param $column i32) (param $recordsMax i32) (result i32)
    (local $block i32) (local $bits i64) (local $lineAt i32) (local $lineEnd i32) (local $first i32) (local $last i32)
    (local $feeds v128)
    (local.set $feeds (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))
    (local.set $block (local.get $from))
    (local.set $lineAt (local.get $from))
    (local.set $first (local.get $column))
    (local.set $last (i32.add (local.get $column) (i32.shl (local.get $recordsMax) (i32.const 3))))
    (block $full
      (loop $blocks
        ;; 64 bytes without a line feed, as most are in records of some length, take one look.
        (block $some
          (loop $skip
            (br_if $some (i32.gt_u (i32.add (local.get $block) (i32.const 64)) (local.get $end)))
            (br_if $some
              (v128.any_true
                (v128.or
                  (v128.or
                    (i8x16.eq (v128.load (local.get $block)) (local.get $feeds))
                    (i8x16.eq (v128.load offset=16 (local.get $block)) (local.get $feeds)))
                  (v128.or
                    (i8x16.eq (v128.load offset=32 (local.get $block)) (local.get $feeds))
                    (i8x16.eq (v128.load offset=48 (local.get $block)) (local.get $feeds))))))
            (local.set $block (i32.add (local.get $block) (i32.const 64)))
            (br_if $skip (i32.lt_u (local.get $block) (local.get $end)))))
        ;; One bit for each byte of 64 that is a line feed.
        (local.set $bits
          (i64.or
            (i64.or
              (call $feedsAt (local.get $block))
              (i64.shl (call $feedsAt (i32.add (local.get $block) (i32.const 16))) (i64.const 16)))
            (i64.or
              (i64.shl (call $feedsAt (i32.add (local.get $block) (i32.const 32))) (i64.const 32))
              (i64.shl (call $feedsAt (i32.add (local.get $block) (i32.const 48))) (i64.const 48)))))
        (block $none
          (loop $found
            (br_if $none (i64.eqz (local.get $bits)))
            (local.set $lineEnd (i32.add (local.get $block) (i32.wrap_i64 (i64.ctz (local.get $bits)))))
            (br_if $none (i32.ge_u (local.get $lineEnd) (local.get $end)))
            (local.set $column (call $writeSpan (local.get $column) (local.get $lineAt) (local.get $lineEnd)))
            (local.set $lineAt (i32.add (local.get $lineEnd) (i32.const 1)))
            (br_if $full (i32.eq (local.get $column) (local.get $last)))
            (local.set $bits (i64.and (local.get $bits) (i64.sub (local.get $bits) (i64.const 1))))
            (br $found)))
        (local.set $block (i32.add (local.get $block) (i32.const 64)))
        (br_if $blocks (i32.lt_u (local.get $block) (local.get $end))))
      (if (i32.lt_u (local.get $lineAt) (local.get $end))
        (then
          (local.set $column (call $writeSpan (local.get $column) (local.get $lineAt) (local.get $end)))
          (local.set $lineAt (local.get $end)))))
    (i32.store (local.get $column) (local.get $lineAt))
    (i32.shr_u (i32.sub (local.get $column) (local.get $first)) (i32.const 3)))

  ;; One bit for each of 16 bytes that is a line feed.
  (func $feedsAt (param $block i32) (result i64)
    (i64.extend_i32_u
      (i8x16.bitmask
        (i8x16.eq
          (v128.load (local.get $block))
          (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10)))))

  ;; Writes the span of a line that ends before `end`, without a carriage return there, and returns where the next span goes.
  (func $writeSpan (param $column i32) (param $at i32) (param $end i32) (result i32)
    (local $length i32)
    (local.set $length (i32.sub (local.get $end) (local.get $at)))
    (i32.store (local.get $column) (local.get $at))
    (i32.store offset=4 (local.get $column)
      (i32.sub
        (local.get $length)
        (if (result i32) (local.get $length)
          (then (i32.eq (i32.load8_u (i32.sub (local.get $end) (i32.const 1))) (i32.const 13)))
          (else (i32.const 0)))))
    (i32.add (local.get $column) (i32.const 8)))

  ;; Position of the first line feed in [from, end), or `end`. 16 bytes behind `end` can be read.
  (func (export "findLineFeed") (param $from i32) (param $end i32) (result i32)
    (local $bits i32)
    (block $none
      (loop $blocks
        (br_if $none (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $bits
          (i8x16.bitmask
            (i8x16.eq (v128.load (local.get $from)) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))))
        (if (local.get $bits)
          (then
            (local.set $from (i32.add (local.get $from) (i32.ctz (local.get $bits))))
            (return (select (local.get $from) (local.get $end) (i32.lt_u (local.get $from) (local.get $end))))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br $blocks)))
    (local.get $end)))
