;; Fills the fuel of an instance, and reads it. From outside, a global of 64 bits is an object with a bigint, which costs more
;; than many a call into a module. `tank-binary.ts` holds this file built; a test builds it again and compares.
(module
  (import "guest" "fuel" (global $fuel (mut i64)))

  (func (export "fill") (param $fuelGiven f64)
    (global.set $fuel (i64.trunc_f64_s (local.get $fuelGiven))))

  (func (export "left") (result f64)
    (f64.convert_i64_s (global.get $fuel))))
