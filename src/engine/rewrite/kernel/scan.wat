;; Scans the code of functions as `function-scan.ts` does, for all that is usual: it takes no time to warm up, and a module is
;; scanned once in the life of a process. Whatever is unusual, or wrong, is left to `function-scan.ts`, which has the words
;; for it. `scan-binary.ts` holds this file built; a test builds it again and compares.
;;
;; The memory, in bytes (`scan-kernel.ts` fills the tables):
;;      0  what to do for each opcode, 256 x u8: the cases of the switch below
;;    256  the same for opcodes behind 0xfc, 256 x u8, immediates only
;;    512  their payments, 256 x u8: 0 none, otherwise 1 more than its index
;;    768  immediates of opcodes behind 0xfd, 512 x u8
;;   1280  what payments cost beside what goes by length, 8 x f64
;;   1408  the results: localsAt, localGroups, codeAt, count of places, flags, 0: u32; localCount, cost: f64
;;   2048  blocks that are open: kind u32, region u32, label f64, entry f64
;;  26624  regions: suspended f64, most f64, place u32, hasCall u32
;;  65536  places: at u32, kind u32, value f64
;; 262144  what callers pay for functions, f64 for each, -1: nothing; then the module
(module
  (import "host" "memory" (memory 1))
  (global $functionCount (mut i32) (i32.const 0))
  (global $next (mut i32) (i32.const 0))
  (global $isOdd (mut i32) (i32.const 0))
  (global $here (mut f64) (f64.const 0))
  (global $depth (mut i32) (i32.const 0))
  (global $region (mut i32) (i32.const 0))
  (global $places (mut i32) (i32.const 0))
  (global $flags (mut i32) (i32.const 0))

  (func (export "begin") (param $functionCount i32)
    (global.set $functionCount (local.get $functionCount)))

  (func $odd (global.set $isOdd (i32.const 1)))

  ;; Goes past a LEB128 of up to five bytes.
  (func $skip (param $left i32)
    (loop $more
      (if (i32.eqz (local.get $left)) (then (call $odd) (return)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (global.set $next (i32.add (global.get $next) (i32.const 1)))
      (br_if $more (i32.ge_u (i32.load8_u (i32.sub (global.get $next) (i32.const 1))) (i32.const 128)))))

  ;; A LEB128 of 32 bits without a sign. Linkers leave many with all five bytes.
  (func $number (result i32)
    (local $byte i32) (local $shift i32) (local $value i32)
    (loop $more
      (local.set $byte (i32.load8_u (global.get $next)))
      (global.set $next (i32.add (global.get $next) (i32.const 1)))
      (local.set $value (i32.or (local.get $value)
        (i32.shl (i32.and (local.get $byte) (i32.const 127)) (local.get $shift))))
      (if (i32.and (i32.eq (local.get $shift) (i32.const 28)) (i32.gt_u (local.get $byte) (i32.const 15)))
        (then (call $odd) (return (i32.const 0))))
      (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
      (br_if $more (i32.ge_u (local.get $byte) (i32.const 128))))
    (local.get $value))

  ;; Alignment and offset; a memory between them is unusual.
  (func $address
    (if (i32.ge_u (i32.load8_u (global.get $next)) (i32.const 64)) (then (call $odd)))
    (global.set $next (i32.add (global.get $next) (i32.const 1)))
    (call $skip (i32.const 5)))

  (func $open (param $number i32) (result i32)
    (i32.add (i32.const 2048) (i32.mul (local.get $number) (i32.const 24))))
  (func $regionAt (param $number i32) (result i32)
    (i32.add (i32.const 26624) (i32.mul (local.get $number) (i32.const 24))))

  (func $spend (param $cost f64)
    (if (f64.ge (global.get $here) (f64.const 0))
      (then (global.set $here (f64.add (global.get $here) (local.get $cost))))))

  (func $note (param $at i32) (param $kind i32) (param $value f64)
    (local $to i32)
    (if (i32.ge_u (global.get $places) (i32.const 12288)) (then (call $odd) (return)))
    (local.set $to (i32.add (i32.const 65536) (i32.mul (global.get $places) (i32.const 16))))
    (i32.store (local.get $to) (local.get $at))
    (i32.store offset=4 (local.get $to) (local.get $kind))
    (f64.store offset=8 (local.get $to) (local.get $value))
    (global.set $places (i32.add (global.get $places) (i32.const 1))))

  (func $enter (param $region i32) (param $kind i32)
    (local $open i32)
    (if (i32.ge_u (global.get $depth) (i32.const 1000)) (then (call $odd) (return)))
    (local.set $open (call $open (global.get $depth)))
    (i32.store (local.get $open) (local.get $kind))
    (i32.store offset=4 (local.get $open) (local.get $region))
    (f64.store offset=8 (local.get $open) (f64.const -1))
    (f64.store offset=16 (local.get $open) (global.get $here))
    (global.set $depth (i32.add (global.get $depth) (i32.const 1))))

  (func $enterRegion (param $number i32)
    (local $to i32)
    (local.set $to (call $regionAt (local.get $number)))
    (global.set $region (local.get $number))
    (f64.store (local.get $to) (f64.const 0))
    (f64.store offset=8 (local.get $to) (f64.const 0))
    (i32.store offset=16 (local.get $to) (global.get $places))
    (i32.store offset=20 (local.get $to) (i32.const 0)))

  ;; A way from here is as long as any through the region.
  (func $most
    (local $to i32)
    (local.set $to (call $regionAt (global.get $region)))
    (f64.store offset=8 (local.get $to)
      (f64.max (f64.load offset=8 (local.get $to)) (global.get $here))))

  (func $beginLoop
    (f64.store (call $regionAt (global.get $region)) (global.get $here))
    (call $most)
    (call $enter (i32.add (global.get $region) (i32.const 1)) (i32.const 3))
    (if (global.get $isOdd) (then (return)))
    (call $enterRegion (i32.add (global.get $region) (i32.const 1)))
    (call $note (global.get $next) (i32.const 0) (f64.const 0))
    (global.set $flags (i32.or (global.get $flags) (i32.const 1)))
    (if (f64.ge (global.get $here) (f64.const 0)) (then (global.set $here (f64.const 0)))))

  (func $endLoop
    (local $from i32)
    (local.set $from (call $regionAt (global.get $region)))
    (f64.store offset=65544
      (i32.mul (i32.load offset=16 (local.get $from)) (i32.const 16))
      (f64.add (f64.max (f64.load offset=8 (local.get $from)) (global.get $here)) (f64.const 1)))
    (if (i32.eqz (i32.load offset=20 (local.get $from)))
      (then (global.set $flags (i32.or (global.get $flags) (i32.const 8)))))
    (global.set $region (i32.sub (global.get $region) (i32.const 1)))
    (if (f64.ge (global.get $here) (f64.const 0))
      (then (global.set $here (f64.load (call $regionAt (global.get $region)))))))

  (func $else
    (local $open i32)
    (local.set $open (call $open (i32.sub (global.get $depth) (i32.const 1))))
    (if (i32.ne (i32.load (local.get $open)) (i32.const 4)) (then (call $odd)))
    (f64.store offset=8 (local.get $open) (f64.max (f64.load offset=8 (local.get $open)) (global.get $here)))
    (i32.store (local.get $open) (i32.const 5))
    (global.set $here (f64.load offset=16 (local.get $open))))

  (func $end
    (local $open i32)
    (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
    (local.set $open (call $open (global.get $depth)))
    (if (i32.eq (i32.load (local.get $open)) (i32.const 3)) (then (call $endLoop) (return)))
    (global.set $here (f64.max (global.get $here) (f64.load offset=8 (local.get $open))))
    (if (i32.eq (i32.load (local.get $open)) (i32.const 4))
      (then (global.set $here (f64.max (global.get $here) (f64.load offset=16 (local.get $open)))))))

  (func $branch
    (local $label i32) (local $open i32) (local $cost f64)
    (local.set $label (call $number))
    (if (i32.ge_u (local.get $label) (global.get $depth)) (then (call $odd) (return)))
    (if (f64.lt (global.get $here) (f64.const 0)) (then (return)))
    (call $most)
    (local.set $open (call $open (i32.sub (i32.sub (global.get $depth) (i32.const 1)) (local.get $label))))
    (local.set $cost (global.get $here))
    (if (i32.ne (i32.load offset=4 (local.get $open)) (global.get $region))
      (then (local.set $cost (f64.load (call $regionAt (i32.load offset=4 (local.get $open)))))))
    (f64.store offset=8 (local.get $open) (f64.max (f64.load offset=8 (local.get $open)) (local.get $cost))))

  (func $leave
    (call $spend (f64.const 1))
    (call $most)
    (global.set $here (f64.const -1)))

  (func $call (param $at i32) (param $paid f64)
    (call $spend (f64.const 1))
    (if (f64.ge (local.get $paid) (f64.const 0)) (then (call $spend (local.get $paid)) (return)))
    (call $note (local.get $at) (i32.const 1) (f64.const 0))
    (call $note (global.get $next) (i32.const 2) (f64.const 0))
    (global.set $flags (i32.or (global.get $flags) (i32.const 2)))
    (i32.store offset=20 (call $regionAt (global.get $region)) (i32.const 1)))

  ;; What callers pay for a function.
  (func $paid (param $function i32) (result f64)
    (if (i32.ge_u (local.get $function) (global.get $functionCount)) (then (call $odd) (return (f64.const 0))))
    (f64.load offset=262144 (i32.mul (local.get $function) (i32.const 8))))

  (func $pay (param $at i32) (param $payment i32)
    (call $spend (f64.load offset=1280 (i32.mul (local.get $payment) (i32.const 8))))
    (call $note (local.get $at) (i32.const 4) (f64.convert_i32_u (local.get $payment)))
    (global.set $flags (i32.or (global.get $flags) (i32.const 4))))

  (func $immediates (param $kind i32)
    (block $odd (block $lane (block $address (block $sixteen (block $eight (block $four (block $one (block $two
    (block $long (block $short (block $none
      (br_table $odd $none $short $long $two $one $four $eight $sixteen $address $lane $odd (local.get $kind)))
      (return))
      (call $skip (i32.const 5)) (return))
      (call $skip (i32.const 10)) (return))
      (call $skip (i32.const 5)) (call $skip (i32.const 5)) (return))
      (global.set $next (i32.add (global.get $next) (i32.const 1))) (return))
      (global.set $next (i32.add (global.get $next) (i32.const 4))) (return))
      (global.set $next (i32.add (global.get $next) (i32.const 8))) (return))
      (global.set $next (i32.add (global.get $next) (i32.const 16))) (return))
      (call $address) (return))
      (call $address) (global.set $next (i32.add (global.get $next) (i32.const 1))) (return))
    (call $odd))

  (func $numeric (param $at i32)
    (local $second i32) (local $payment i32)
    (local.set $second (call $number))
    (if (i32.ge_u (local.get $second) (i32.const 256)) (then (call $odd) (return)))
    (call $immediates (i32.load8_u offset=256 (local.get $second)))
    (call $spend (f64.const 1))
    (local.set $payment (i32.load8_u offset=512 (local.get $second)))
    (if (local.get $payment)
      (then (call $pay (local.get $at) (i32.sub (local.get $payment) (i32.const 1))))))

  (func $vector
    (local $second i32)
    (local.set $second (call $number))
    (if (i32.ge_u (local.get $second) (i32.const 512)) (then (call $odd) (return)))
    (call $immediates (i32.load8_u offset=768 (local.get $second)))
    (call $spend (f64.const 1)))

  (func $locals (result f64)
    (local $left i32) (local $type i32) (local $count f64)
    (local.set $left (call $number))
    (i32.store (i32.const 1412) (local.get $left))
    (i32.store (i32.const 1408) (global.get $next))
    (block $done (loop $more
      (br_if $done (i32.or (i32.eqz (local.get $left)) (global.get $isOdd)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (local.set $count (f64.add (local.get $count) (f64.convert_i32_u (call $number))))
      (local.set $type (i32.load8_u (global.get $next)))
      (global.set $next (i32.add (global.get $next) (i32.const 1)))
      ;; References are unusual.
      (if (i32.gt_u (i32.sub (local.get $type) (i32.const 0x7b)) (i32.const 4)) (then (call $odd)))
      (br $more)))
    (local.get $count))

  ;; Scans a function; gives 0 where it is left to others.
  (func (export "scan") (param $at i32) (param $end i32) (result i32)
    (local $left i32) (local $plain i32) (local $kind i32) (local $locals f64)
    (global.set $next (local.get $at))
    (global.set $isOdd (i32.const 0))
    (global.set $here (f64.const 0))
    (global.set $depth (i32.const 0))
    (global.set $places (i32.const 0))
    (global.set $flags (i32.const 0))
    (call $enterRegion (i32.const 0))
    (local.set $locals (call $locals))
    (i32.store (i32.const 1416) (global.get $next))
    (call $enter (i32.const 0) (i32.const 2))
    (loop $instruction
      ;; Most of a module is instructions that only cost 1, with at most an index of one byte or an address of two.
      (local.set $plain (i32.const 0))
      (block $other (loop $more
        (br_if $other (i32.ge_u (global.get $next) (local.get $end)))
        (local.set $kind (i32.load8_u (i32.load8_u (global.get $next))))
        (block $step
          (local.set $left (i32.const 1))
          (br_if $step (i32.eq (local.get $kind) (i32.const 1)))
          (local.set $left (i32.const 2))
          (br_if $other (i32.ge_u (i32.load8_u offset=1 (global.get $next)) (i32.const 128)))
          (br_if $step (i32.eq (local.get $kind) (i32.const 2)))
          (local.set $left (i32.const 3))
          (br_if $other (i32.ge_u (i32.load8_u offset=1 (global.get $next)) (i32.const 64)))
          (br_if $other (i32.ge_u (i32.load8_u offset=2 (global.get $next)) (i32.const 128)))
          (br_if $other (i32.ne (local.get $kind) (i32.const 9))))
        (global.set $next (i32.add (global.get $next) (local.get $left)))
        (local.set $plain (i32.add (local.get $plain) (i32.const 1)))
        (br $more)))
      (call $spend (f64.convert_i32_u (local.get $plain)))
      (if (i32.or (global.get $isOdd) (i32.ge_u (global.get $next) (local.get $end))) (then (return (i32.const 0))))
      (local.set $at (global.get $next))
      (global.set $next (i32.add (global.get $next) (i32.const 1)))
      (block $done (block $plain (block $odd
      (block $grow (block $vector (block $numeric (block $callIndirect (block $call (block $return (block $unreachable
      (block $brTable (block $brIf (block $br (block $end (block $else (block $if (block $loop (block $block
        (br_table $odd $plain $plain $plain $plain $plain $plain $plain $plain $plain $plain
          $odd $odd $odd $odd $odd $odd $odd $odd $odd
          $done $block $loop $if $else $end $br $brIf $brTable $unreachable $return $call $callIndirect $numeric $vector
          $grow $odd
          (i32.load8_u (i32.load8_u (local.get $at)))))
        (call $skip (i32.const 5)) (call $enter (global.get $region) (i32.const 2)) (br $done))
        (call $skip (i32.const 5)) (call $beginLoop) (br $done))
        (call $skip (i32.const 5)) (call $spend (f64.const 1)) (call $enter (global.get $region) (i32.const 4)) (br $done))
        (call $else) (br $done))
        (call $end) (br $done))
        (call $spend (f64.const 1)) (call $branch) (global.set $here (f64.const -1)) (br $done))
        (call $spend (f64.const 1)) (call $branch) (br $done))
        (call $spend (f64.const 1))
        (local.set $left (call $number))
        (if (i32.lt_s (local.get $left) (i32.const 0)) (then (call $odd)))
        (loop $labels
          (call $branch)
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $labels (i32.and (i32.ge_s (local.get $left) (i32.const 0))
            (i32.and (i32.lt_u (global.get $next) (local.get $end)) (i32.eqz (global.get $isOdd))))))
        (if (i32.ge_s (local.get $left) (i32.const 0)) (then (call $odd)))
        (global.set $here (f64.const -1)) (br $done))
        (call $leave) (br $done))
        (call $note (local.get $at) (i32.const 3) (f64.const 0)) (call $leave) (br $done))
        (call $call (local.get $at) (call $paid (call $number))) (br $done))
        (call $skip (i32.const 5)) (call $skip (i32.const 5))
        (call $call (local.get $at) (f64.const -1)) (br $done))
        (call $numeric (local.get $at)) (br $done))
        (call $vector) (br $done))
        (call $skip (i32.const 5)) (call $spend (f64.const 1)) (call $pay (local.get $at) (i32.const 3)) (br $done))
      (return (i32.const 0)))
      (call $immediates (i32.load8_u (i32.load8_u (local.get $at))))
      (call $spend (f64.const 1)))
      (br_if $instruction (global.get $depth)))
    (if (i32.or (global.get $isOdd) (i32.ne (global.get $next) (local.get $end))) (then (return (i32.const 0))))
    (i32.store (i32.const 1420) (global.get $places))
    (i32.store (i32.const 1424) (global.get $flags))
    (f64.store (i32.const 1432) (local.get $locals))
    (f64.store (i32.const 1440)
      (f64.add (f64.max (f64.load offset=8 (call $regionAt (i32.const 0))) (global.get $here))
        (f64.add (f64.const 1) (local.get $locals))))
    (i32.const 1)))
