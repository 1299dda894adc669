;; Writes records the way Fluvio's modules read them, and reads what they have made of them (`wire/record.ts` has the picture),
;; in the memory of a batch's buffer.
;; `kernel-binary.ts` holds this file built; a test builds it again and compares.
;;
;; `measure` and `encode` take columns that begin at the first record they are to look at: spans of values and keys, timestamps, and
;; offset deltas as 32-bit numbers; 0 stands for a column that is not there. Without deltas the first record has
;; `firstDelta`, and each one behind it one more.
;;
;; What is done for each record stands in the loops themselves: a call for each of its numbers would take longer than all else. Both
;; begin with what most records are: without columns of keys and timestamps, and with numbers of at most two bytes, none of them
;; negative.
(module
  (import "frame" "memory" (memory 1))

  ;; Adds the bytes of records to the sum at `sum`, and returns how many records that were: `count`, or less when the next one is
  ;; more than 32 bits of milliseconds from `base`, or makes the sum more than `bytesMax`. A sum of 0 has room for any record.
  (func (export "measure") (param $values i32) (param $keys i32) (param $timestamps i32) (param $deltas i32)
    (param $firstDelta i32) (param $count i32) (param $base f64) (param $bytesMax i32) (param $sum i32) (result i32)
    (local $i i32) (local $total i32) (local $next i32) (local $length i32) (local $coded i32) (local $valueLength i32)
    (local $keyLength i32) (local $since i32) (local $delta i32) (local $timestamp i64) (local $distance f64)
    (local.set $total (i32.load (local.get $sum)))
    (block $done
      (loop $records
        (br_if $done (i32.eq (local.get $i) (local.get $count)))
        (local.set $valueLength (i32.load offset=4 (local.get $values)))
        (local.set $keyLength
          (if (result i32) (local.get $keys)
            (then (i32.load offset=4 (local.get $keys)))
            (else (i32.const -1))))
        (local.set $delta
          (if (result i32) (local.get $deltas)
            (then (i32.load (local.get $deltas)))
            (else (i32.add (local.get $firstDelta) (local.get $i)))))
        (if
          (i32.eqz
            (i32.or
              (i32.or (local.get $keys) (local.get $timestamps))
              (i32.and
                (i32.or (i32.add (local.get $valueLength) (i32.const 16)) (local.get $delta))
                (i32.const 0xffffe000))))
          (then
            (local.set $length
              (i32.add
                (i32.add (local.get $valueLength) (i32.const 6))
                (i32.add
                  (i32.gt_u (local.get $valueLength) (i32.const 63))
                  (i32.gt_u (local.get $delta) (i32.const 63)))))
            (local.set $next
              (i32.add
                (i32.add (local.get $total) (i32.const 1))
                (i32.add (local.get $length) (i32.gt_u (local.get $length) (i32.const 63)))))
            (br_if $done
              (i32.and (i32.gt_u (local.get $next) (local.get $bytesMax)) (i32.ne (local.get $total) (i32.const 0))))
            (local.set $total (local.get $next))
            (local.set $values (i32.add (local.get $values) (i32.const 8)))
            (if (local.get $deltas) (then (local.set $deltas (i32.add (local.get $deltas) (i32.const 4)))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $records)))
        (local.set $delta
          (i32.xor (i32.shl (local.get $delta) (i32.const 1)) (i32.shr_s (local.get $delta) (i32.const 31))))
        (local.set $since (i32.const 0))
        (if (local.get $timestamps)
          (then
            (local.set $timestamp (i64.load (local.get $timestamps)))
            (if (i64.ne (local.get $timestamp) (i64.const -1))
              (then
                (local.set $distance (f64.sub (f64.convert_i64_s (local.get $timestamp)) (local.get $base)))
                (br_if $done
                  (i32.eqz
                    (i32.and
                      (f64.ge (local.get $distance) (f64.const -2147483648))
                      (f64.le (local.get $distance) (f64.const 2147483647)))))
                (local.set $since (i32.trunc_sat_f64_s (local.get $distance)))
                (local.set $since
                  (i32.xor (i32.shl (local.get $since) (i32.const 1)) (i32.shr_s (local.get $since) (i32.const 31))))))))
        (local.set $length
          (i32.add
            (i32.add (local.get $valueLength) (i32.const 3))
            (i32.shr_u
              (i32.sub
                (i32.const 352)
                (i32.mul
                  (i32.clz (i32.or (i32.shl (local.get $valueLength) (i32.const 1)) (i32.const 1)))
                  (i32.const 9)))
              (i32.const 6))))
        (local.set $length
          (i32.add
            (local.get $length)
            (i32.shr_u
              (i32.sub (i32.const 352) (i32.mul (i32.clz (i32.or (local.get $since) (i32.const 1))) (i32.const 9)))
              (i32.const 6))))
        (local.set $length
          (i32.add
            (local.get $length)
            (i32.shr_u
              (i32.sub (i32.const 352) (i32.mul (i32.clz (i32.or (local.get $delta) (i32.const 1))) (i32.const 9)))
              (i32.const 6))))
        (if (i32.ne (local.get $keyLength) (i32.const -1))
          (then
            (local.set $length
              (i32.add
                (i32.add (local.get $length) (local.get $keyLength))
                (i32.shr_u
                  (i32.sub
                    (i32.const 352)
                    (i32.mul
                      (i32.clz (i32.or (i32.shl (local.get $keyLength) (i32.const 1)) (i32.const 1)))
                      (i32.const 9)))
                  (i32.const 6))))))
        (local.set $coded (i32.shl (local.get $length) (i32.const 1)))
        (local.set $next
          (i32.add
            (i32.add (local.get $total) (local.get $length))
            (i32.shr_u
              (i32.sub (i32.const 352) (i32.mul (i32.clz (i32.or (local.get $coded) (i32.const 1))) (i32.const 9)))
              (i32.const 6))))
        (br_if $done
          (i32.and (i32.gt_u (local.get $next) (local.get $bytesMax)) (i32.ne (local.get $total) (i32.const 0))))
        (local.set $total (local.get $next))
        (local.set $values (i32.add (local.get $values) (i32.const 8)))
        (if (local.get $keys) (then (local.set $keys (i32.add (local.get $keys) (i32.const 8)))))
        (if (local.get $timestamps) (then (local.set $timestamps (i32.add (local.get $timestamps) (i32.const 8)))))
        (if (local.get $deltas) (then (local.set $deltas (i32.add (local.get $deltas) (i32.const 4)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $records)))
    (i32.store (local.get $sum) (local.get $total))
    (local.get $i))

  ;; Writes records from `to` on, as many of `count` as end at `end` or before it, and returns how many that are; where they end
  ;; is at `written` then. 32 bytes behind `end` are overwritten, and as many behind each key and value are read.
  (func (export "encode") (param $values i32) (param $keys i32) (param $timestamps i32) (param $deltas i32)
    (param $firstDelta i32) (param $count i32) (param $base f64) (param $to i32) (param $end i32) (param $written i32)
    (result i32)
    (local $i i32) (local $next i32) (local $length i32) (local $coded i32) (local $valueLength i32)
    (local $keyLength i32) (local $since i32) (local $delta i32) (local $timestamp i64) (local $distance f64)
    (local $from i32) (local $stop i32) (local $more i32) (local $deltaMore i32) (local $valueMore i32)
    (block $done
      (loop $records
        (br_if $done (i32.eq (local.get $i) (local.get $count)))
        (local.set $valueLength (i32.load offset=4 (local.get $values)))
        (local.set $keyLength
          (if (result i32) (local.get $keys)
            (then (i32.load offset=4 (local.get $keys)))
            (else (i32.const -1))))
        (local.set $delta
          (if (result i32) (local.get $deltas)
            (then (i32.load (local.get $deltas)))
            (else (i32.add (local.get $firstDelta) (local.get $i)))))
        (if
          (i32.eqz
            (i32.or
              (i32.or (local.get $keys) (local.get $timestamps))
              (i32.and
                (i32.or (i32.add (local.get $valueLength) (i32.const 16)) (local.get $delta))
                (i32.const 0xffffe000))))
          (then
            (local.set $valueMore (i32.gt_u (local.get $valueLength) (i32.const 63)))
            (local.set $deltaMore (i32.gt_u (local.get $delta) (i32.const 63)))
            (local.set $length
              (i32.add
                (i32.add (local.get $valueLength) (i32.const 6))
                (i32.add (local.get $valueMore) (local.get $deltaMore))))
            (local.set $more (i32.gt_u (local.get $length) (i32.const 63)))
            (local.set $next
              (i32.add (i32.add (local.get $to) (i32.const 1)) (i32.add (local.get $length) (local.get $more))))
            (br_if $done (i32.gt_u (local.get $next) (local.get $end)))
            (i32.store16 (local.get $to)
              (i32.or
                (i32.or
                  (i32.and (i32.shl (local.get $length) (i32.const 1)) (i32.const 0x7f))
                  (i32.shl (local.get $more) (i32.const 7)))
                (i32.and (i32.shl (local.get $length) (i32.const 2)) (i32.const 0x7f00))))
            (local.set $to (i32.add (i32.add (local.get $to) (i32.const 1)) (local.get $more)))
            ;; Attributes, timestamp delta, offset delta, the mark for the key and the value's length.
            (i64.store (local.get $to)
              (i64.or
                (i64.extend_i32_u
                  (i32.shl
                    (i32.or
                      (i32.or
                        (i32.and (i32.shl (local.get $delta) (i32.const 1)) (i32.const 0x7f))
                        (i32.shl (local.get $deltaMore) (i32.const 7)))
                      (i32.and (i32.shl (local.get $delta) (i32.const 2)) (i32.const 0x7f00)))
                    (i32.const 16)))
                (i64.shl
                  (i64.extend_i32_u
                    (i32.or
                      (i32.or
                        (i32.and (i32.shl (local.get $valueLength) (i32.const 1)) (i32.const 0x7f))
                        (i32.shl (local.get $valueMore) (i32.const 7)))
                      (i32.and (i32.shl (local.get $valueLength) (i32.const 2)) (i32.const 0x7f00))))
                  (i64.extend_i32_u (i32.add (i32.const 32) (i32.shl (local.get $deltaMore) (i32.const 3)))))))
            (local.set $to
              (i32.add
                (i32.add (local.get $to) (i32.const 5))
                (i32.add (local.get $valueMore) (local.get $deltaMore))))
            (local.set $from (i32.load (local.get $values)))
            (loop $blocks
              (v128.store (local.get $to) (v128.load (local.get $from)))
              (v128.store offset=16 (local.get $to) (v128.load offset=16 (local.get $from)))
              (local.set $from (i32.add (local.get $from) (i32.const 32)))
              (local.set $to (i32.add (local.get $to) (i32.const 32)))
              (br_if $blocks (i32.lt_u (local.get $to) (local.get $next))))
            (i32.store8 (i32.sub (local.get $next) (i32.const 1)) (i32.const 0))
            (local.set $to (local.get $next))
            (local.set $values (i32.add (local.get $values) (i32.const 8)))
            (if (local.get $deltas) (then (local.set $deltas (i32.add (local.get $deltas) (i32.const 4)))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $records)))
        (local.set $delta
          (i32.xor (i32.shl (local.get $delta) (i32.const 1)) (i32.shr_s (local.get $delta) (i32.const 31))))
        (local.set $since (i32.const 0))
        (if (local.get $timestamps)
          (then
            (local.set $timestamp (i64.load (local.get $timestamps)))
            (if (i64.ne (local.get $timestamp) (i64.const -1))
              (then
                (local.set $distance (f64.sub (f64.convert_i64_s (local.get $timestamp)) (local.get $base)))
                (local.set $since (i32.trunc_sat_f64_s (local.get $distance)))
                (local.set $since
                  (i32.xor (i32.shl (local.get $since) (i32.const 1)) (i32.shr_s (local.get $since) (i32.const 31))))))))
        (local.set $length
          (i32.add
            (i32.add (local.get $valueLength) (i32.const 3))
            (i32.shr_u
              (i32.sub
                (i32.const 352)
                (i32.mul
                  (i32.clz (i32.or (i32.shl (local.get $valueLength) (i32.const 1)) (i32.const 1)))
                  (i32.const 9)))
              (i32.const 6))))
        (local.set $length
          (i32.add
            (local.get $length)
            (i32.shr_u
              (i32.sub (i32.const 352) (i32.mul (i32.clz (i32.or (local.get $since) (i32.const 1))) (i32.const 9)))
              (i32.const 6))))
        (local.set $length
          (i32.add
            (local.get $length)
            (i32.shr_u
              (i32.sub (i32.const 352) (i32.mul (i32.clz (i32.or (local.get $delta) (i32.const 1))) (i32.const 9)))
              (i32.const 6))))
        (if (i32.ne (local.get $keyLength) (i32.const -1))
          (then
            (local.set $length
              (i32.add
                (i32.add (local.get $length) (local.get $keyLength))
                (i32.shr_u
                  (i32.sub
                    (i32.const 352)
                    (i32.mul
                      (i32.clz (i32.or (i32.shl (local.get $keyLength) (i32.const 1)) (i32.const 1)))
                      (i32.const 9)))
                  (i32.const 6))))))
        (local.set $coded (i32.shl (local.get $length) (i32.const 1)))
        (local.set $next
          (i32.add
            (i32.add (local.get $to) (local.get $length))
            (i32.shr_u
              (i32.sub (i32.const 352) (i32.mul (i32.clz (i32.or (local.get $coded) (i32.const 1))) (i32.const 9)))
              (i32.const 6))))
        (br_if $done (i32.gt_u (local.get $next) (local.get $end)))
        (if (i32.lt_u (local.get $coded) (i32.const 0x4000))
          (then
            (i32.store16 (local.get $to)
              (i32.or
                (i32.and (local.get $coded) (i32.const 0x7f))
                (i32.or
                  (i32.shl (i32.gt_u (local.get $coded) (i32.const 0x7f)) (i32.const 7))
                  (i32.and (i32.shl (local.get $coded) (i32.const 1)) (i32.const 0x7f00)))))
            (local.set $to
              (i32.add (i32.add (local.get $to) (i32.const 1)) (i32.gt_u (local.get $coded) (i32.const 0x7f)))))
          (else (local.set $to (call $writeVarint (local.get $to) (local.get $coded)))))
        (i32.store8 (local.get $to) (i32.const 0))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (if (i32.lt_u (local.get $since) (i32.const 0x4000))
          (then
            (i32.store16 (local.get $to)
              (i32.or
                (i32.and (local.get $since) (i32.const 0x7f))
                (i32.or
                  (i32.shl (i32.gt_u (local.get $since) (i32.const 0x7f)) (i32.const 7))
                  (i32.and (i32.shl (local.get $since) (i32.const 1)) (i32.const 0x7f00)))))
            (local.set $to
              (i32.add (i32.add (local.get $to) (i32.const 1)) (i32.gt_u (local.get $since) (i32.const 0x7f)))))
          (else (local.set $to (call $writeVarint (local.get $to) (local.get $since)))))
        (if (i32.lt_u (local.get $delta) (i32.const 0x4000))
          (then
            (i32.store16 (local.get $to)
              (i32.or
                (i32.and (local.get $delta) (i32.const 0x7f))
                (i32.or
                  (i32.shl (i32.gt_u (local.get $delta) (i32.const 0x7f)) (i32.const 7))
                  (i32.and (i32.shl (local.get $delta) (i32.const 1)) (i32.const 0x7f00)))))
            (local.set $to
              (i32.add (i32.add (local.get $to) (i32.const 1)) (i32.gt_u (local.get $delta) (i32.const 0x7f)))))
          (else (local.set $to (call $writeVarint (local.get $to) (local.get $delta)))))
        (i32.store8 (local.get $to) (i32.ne (local.get $keyLength) (i32.const -1)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (if (i32.ne (local.get $keyLength) (i32.const -1))
          (then
            (local.set $coded (i32.shl (local.get $keyLength) (i32.const 1)))
            (if (i32.lt_u (local.get $coded) (i32.const 0x4000))
              (then
                (i32.store16 (local.get $to)
                  (i32.or
                    (i32.and (local.get $coded) (i32.const 0x7f))
                    (i32.or
                      (i32.shl (i32.gt_u (local.get $coded) (i32.const 0x7f)) (i32.const 7))
                      (i32.and (i32.shl (local.get $coded) (i32.const 1)) (i32.const 0x7f00)))))
                (local.set $to
                  (i32.add (i32.add (local.get $to) (i32.const 1)) (i32.gt_u (local.get $coded) (i32.const 0x7f)))))
              (else (local.set $to (call $writeVarint (local.get $to) (local.get $coded)))))
            (local.set $from (i32.load (local.get $keys)))
            (local.set $stop (i32.add (local.get $to) (local.get $keyLength)))
            (loop $blocks
              (v128.store (local.get $to) (v128.load (local.get $from)))
              (v128.store offset=16 (local.get $to) (v128.load offset=16 (local.get $from)))
              (local.set $from (i32.add (local.get $from) (i32.const 32)))
              (local.set $to (i32.add (local.get $to) (i32.const 32)))
              (br_if $blocks (i32.lt_u (local.get $to) (local.get $stop))))
            (local.set $to (local.get $stop))))
        (local.set $coded (i32.shl (local.get $valueLength) (i32.const 1)))
        (if (i32.lt_u (local.get $coded) (i32.const 0x4000))
          (then
            (i32.store16 (local.get $to)
              (i32.or
                (i32.and (local.get $coded) (i32.const 0x7f))
                (i32.or
                  (i32.shl (i32.gt_u (local.get $coded) (i32.const 0x7f)) (i32.const 7))
                  (i32.and (i32.shl (local.get $coded) (i32.const 1)) (i32.const 0x7f00)))))
            (local.set $to
              (i32.add (i32.add (local.get $to) (i32.const 1)) (i32.gt_u (local.get $coded) (i32.const 0x7f)))))
          (else (local.set $to (call $writeVarint (local.get $to) (local.get $coded)))))
        (local.set $from (i32.load (local.get $values)))
        (local.set $stop (i32.add (local.get $to) (local.get $valueLength)))
        (loop $blocks
          (v128.store (local.get $to) (v128.load (local.get $from)))
          (v128.store offset=16 (local.get $to) (v128.load offset=16 (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 32)))
          (local.set $to (i32.add (local.get $to) (i32.const 32)))
          (br_if $blocks (i32.lt_u (local.get $to) (local.get $stop))))
        (local.set $to (local.get $stop))
        (i32.store8 (local.get $to) (i32.const 0))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $values (i32.add (local.get $values) (i32.const 8)))
        (if (local.get $keys) (then (local.set $keys (i32.add (local.get $keys) (i32.const 8)))))
        (if (local.get $timestamps) (then (local.set $timestamps (i32.add (local.get $timestamps) (i32.const 8)))))
        (if (local.get $deltas) (then (local.set $deltas (i32.add (local.get $deltas) (i32.const 4)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $records)))
    (i32.store (local.get $written) (local.get $to))
    (local.get $i))

  ;; Reads records from `at` on that are usual: their own length, their offset delta and the lengths of key and value take one or
  ;; two bytes, and their timestamp delta three. Writes the spans and deltas to columns, and returns how many those are, `count`
  ;; or less. They end at `end` at the latest; 128 bytes behind it can be read, and mean nothing. At `told` is then where the first
  ;; record stands that was not read, and behind it 1 where one that was has a key, or 0.
  (func (export "decode") (param $at i32) (param $end i32) (param $count i32) (param $values i32) (param $keys i32)
    (param $deltas i32) (param $told i32) (result i32)
    (local $i i32) (local $next i32) (local $coded i32) (local $recordEnd i32) (local $delta i32) (local $keyAt i32)
    (local $keyLength i32) (local $mark i32) (local $marks i32)
    (block $done
      (loop $records
        (br_if $done (i32.eq (local.get $i) (local.get $count)))
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $next (local.get $at))
        (local.set $coded (i32.load8_u (local.get $next)))
        (local.set $next (i32.add (local.get $next) (i32.const 1)))
        (if (i32.gt_u (local.get $coded) (i32.const 0x7f))
          (then
            (local.set $coded
              (i32.or
                (i32.and (local.get $coded) (i32.const 0x7f))
                (i32.shl (i32.load8_u (local.get $next)) (i32.const 7))))
            (local.set $next (i32.add (local.get $next) (i32.const 1)))))
        (br_if $done (i32.and (local.get $coded) (i32.const 0x4001)))
        (local.set $recordEnd (i32.add (local.get $next) (i32.shr_u (local.get $coded) (i32.const 1))))
        (br_if $done (i32.gt_u (local.get $recordEnd) (local.get $end)))
        ;; Attributes and the timestamp delta are passed over.
        (local.set $next (i32.add (local.get $next) (i32.const 2)))
        (if (i32.gt_u (i32.load8_u (i32.sub (local.get $next) (i32.const 1))) (i32.const 0x7f))
          (then
            (local.set $next (i32.add (local.get $next) (i32.const 1)))
            (if (i32.gt_u (i32.load8_u (i32.sub (local.get $next) (i32.const 1))) (i32.const 0x7f))
              (then
                (local.set $next (i32.add (local.get $next) (i32.const 1)))
                (br_if $done (i32.gt_u (i32.load8_u (i32.sub (local.get $next) (i32.const 1))) (i32.const 0x7f)))))))
        (local.set $coded (i32.load8_u (local.get $next)))
        (local.set $next (i32.add (local.get $next) (i32.const 1)))
        (if (i32.gt_u (local.get $coded) (i32.const 0x7f))
          (then
            (local.set $coded
              (i32.or
                (i32.and (local.get $coded) (i32.const 0x7f))
                (i32.shl (i32.load8_u (local.get $next)) (i32.const 7))))
            (local.set $next (i32.add (local.get $next) (i32.const 1)))))
        (br_if $done (i32.and (local.get $coded) (i32.const 0x4000)))
        (local.set $delta
          (i32.xor
            (i32.shr_u (local.get $coded) (i32.const 1))
            (i32.sub (i32.const 0) (i32.and (local.get $coded) (i32.const 1)))))
        (local.set $mark (i32.load8_u (local.get $next)))
        (local.set $next (i32.add (local.get $next) (i32.const 1)))
        (br_if $done (i32.gt_u (local.get $mark) (i32.const 1)))
        (local.set $keyAt (i32.const 0))
        (local.set $keyLength (i32.const -1))
        (if (local.get $mark)
          (then
            (local.set $coded (i32.load8_u (local.get $next)))
            (local.set $next (i32.add (local.get $next) (i32.const 1)))
            (if (i32.gt_u (local.get $coded) (i32.const 0x7f))
              (then
                (local.set $coded
                  (i32.or
                    (i32.and (local.get $coded) (i32.const 0x7f))
                    (i32.shl (i32.load8_u (local.get $next)) (i32.const 7))))
                (local.set $next (i32.add (local.get $next) (i32.const 1)))))
            (br_if $done (i32.and (local.get $coded) (i32.const 0x4001)))
            (local.set $keyAt (local.get $next))
            (local.set $keyLength (i32.shr_u (local.get $coded) (i32.const 1)))
            (local.set $next (i32.add (local.get $next) (local.get $keyLength)))
            (br_if $done (i32.ge_u (local.get $next) (local.get $recordEnd)))))
        (local.set $coded (i32.load8_u (local.get $next)))
        (local.set $next (i32.add (local.get $next) (i32.const 1)))
        (if (i32.gt_u (local.get $coded) (i32.const 0x7f))
          (then
            (local.set $coded
              (i32.or
                (i32.and (local.get $coded) (i32.const 0x7f))
                (i32.shl (i32.load8_u (local.get $next)) (i32.const 7))))
            (local.set $next (i32.add (local.get $next) (i32.const 1)))))
        (br_if $done (i32.and (local.get $coded) (i32.const 0x4001)))
        ;; Header count and end: a number that ended elsewhere would have led somewhere else.
        (br_if $done
          (i32.ne
            (i32.add (local.get $next) (i32.add (i32.shr_u (local.get $coded) (i32.const 1)) (i32.const 1)))
            (local.get $recordEnd)))
        (br_if $done (i32.gt_u (i32.load8_u (i32.sub (local.get $recordEnd) (i32.const 1))) (i32.const 0x7f)))
        (i32.store (local.get $values) (local.get $next))
        (i32.store offset=4 (local.get $values) (i32.shr_u (local.get $coded) (i32.const 1)))
        (i32.store (local.get $keys) (local.get $keyAt))
        (i32.store offset=4 (local.get $keys) (local.get $keyLength))
        (i32.store (local.get $deltas) (local.get $delta))
        (local.set $marks (i32.or (local.get $marks) (local.get $mark)))
        (local.set $values (i32.add (local.get $values) (i32.const 8)))
        (local.set $keys (i32.add (local.get $keys) (i32.const 8)))
        (local.set $deltas (i32.add (local.get $deltas) (i32.const 4)))
        (local.set $at (local.get $recordEnd))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $records)))
    (i32.store (local.get $told) (local.get $at))
    (i32.store offset=4 (local.get $told) (local.get $marks))
    (local.get $i))

  ;; Writes a varint of any size, and returns where what follows goes.
  (func $writeVarint (param $at i32) (param $coded i32) (result i32)
    (loop $groups
      (i32.store8 (local.get $at) (i32.or (local.get $coded) (i32.const 0x80)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $coded (i32.shr_u (local.get $coded) (i32.const 7)))
      (br_if $groups (i32.gt_u (local.get $coded) (i32.const 0x7f))))
    (i32.store8 (local.get $at) (local.get $coded))
    (i32.add (local.get $at) (i32.const 1))))
