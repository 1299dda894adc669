;; A filter that keeps every record, and never returns from one that begins with "spin". The packed ABI is drawn in
;; src/engine/abi/packed/layout.ts; regions lie one behind another, and one that grows moves to the end.
(module
  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 65536))
  (func (export "millrace_packed_1") (result i32) (i32.const 1024))
  (func (export "millrace_reserve") (param $region i32) (param $bytes i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free
      (i32.add (local.get $at) (i32.and (i32.add (local.get $bytes) (i32.const 15)) (i32.const -8))))
    (block $fits (loop $more
      (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
      (return (i32.const 0))))
    (local.get $at))
  (func (export "millrace_filter") (param $first i32) (result i32)
    (local $frame i32) (local $i i32) (local $span i32)
    (local.set $frame (i32.load (i32.const 1032)))
    (local.set $i (local.get $first))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $i) (i32.load offset=8 (local.get $frame))))
      (local.set $span (i32.add (i32.add (local.get $frame) (i32.load offset=16 (local.get $frame)))
        (i32.mul (local.get $i) (i32.const 8))))
      (loop $spin
        (br_if $spin (i32.and
          (i32.ge_u (i32.load offset=4 (local.get $span)) (i32.const 4))
          (i32.eq (i32.load (i32.add (local.get $frame) (i32.load (local.get $span)))) (i32.const 0x6e697073)))))
      (i32.store8 (i32.add (i32.load (i32.const 1040)) (local.get $i)) (i32.const 1))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (i32.store (i32.const 1028) (local.get $i))
      (br $next)))
    (local.get $i)))
