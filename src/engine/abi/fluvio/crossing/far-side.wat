;; What the near side needs of a guest's memory: moves of 64 and of 16 bytes, and its size.
;; `far-side-binary.ts` holds this file built; a test builds it again and compares.
(module
  (import "guest" "memory" (memory 0))

  ;; Fuel of a guest that has no meter.
  (global (export "fuel") (mut i64) (i64.const 0))

  (func (export "put64") (param $to i32) (param v128 v128 v128 v128)
    (v128.store (local.get $to) (local.get 1))
    (v128.store offset=16 (local.get $to) (local.get 2))
    (v128.store offset=32 (local.get $to) (local.get 3))
    (v128.store offset=48 (local.get $to) (local.get 4)))

  (func (export "put16") (param $to i32) (param v128)
    (v128.store (local.get $to) (local.get 1)))

  (func (export "get64") (param $at i32) (result v128 v128 v128 v128)
    (v128.load (local.get $at))
    (v128.load offset=16 (local.get $at))
    (v128.load offset=32 (local.get $at))
    (v128.load offset=48 (local.get $at)))

  (func (export "pages") (result i32) (memory.size)))
