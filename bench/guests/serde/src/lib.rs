//! A filter that parses each record with serde_json, as most modules written in Rust do, and keeps those whose `level` is "error".
//! The guest side of the packed ABI, as little of it as a filter needs; the whole ABI is drawn in src/engine/abi/packed/layout.ts.

use serde_json::Value;
use std::ptr::{addr_of, addr_of_mut};

const CURSOR: usize = 1;
const INPUT_AT: usize = 2;
const VERDICTS_AT: usize = 4;
const FRAME_COUNT: usize = 2;
const FRAME_VALUES_AT: usize = 4;
const KEPT: u8 = 1;
const DROPPED: u8 = 2;

#[repr(align(8))]
#[allow(dead_code)] // It is read and written by its address.
struct Control([u32; 24]);

static mut CONTROL: Control = Control([0; 24]);
static mut REGIONS: [Vec<u64>; 4] = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];

#[no_mangle]
pub extern "C" fn millrace_packed_1() -> *const u32 {
    addr_of!(CONTROL) as *const u32
}

#[no_mangle]
pub extern "C" fn millrace_reserve(region: usize, bytes: usize) -> *const u64 {
    // One thread, and no call while another one runs.
    let regions = unsafe { &mut *addr_of_mut!(REGIONS) };
    let own = &mut regions[region];
    *own = Vec::new();
    let words = bytes.div_ceil(8);
    match own.try_reserve_exact(words) {
        Ok(()) => own.as_ptr(),
        Err(_) => std::ptr::null(),
    }
}

#[no_mangle]
pub extern "C" fn millrace_filter(first: u32) -> u32 {
    let control = addr_of_mut!(CONTROL) as *mut u32;
    unsafe {
        let input = *control.add(INPUT_AT) as *const u8;
        let verdicts = *control.add(VERDICTS_AT) as *mut u8;
        let header = input as *const u32;
        let count = *header.add(FRAME_COUNT);
        let spans = input.add(*header.add(FRAME_VALUES_AT) as usize) as *const u32;
        for i in first..count {
            let at = *spans.add(i as usize * 2) as usize;
            let length = *spans.add(i as usize * 2 + 1) as usize;
            let is_error = match serde_json::from_slice::<Value>(std::slice::from_raw_parts(input.add(at), length)) {
                Ok(value) => value["level"] == "error",
                Err(_) => false,
            };
            *verdicts.add(i as usize) = if is_error { KEPT } else { DROPPED };
            control.add(CURSOR).write_volatile(i + 1);
        }
        count
    }
}
