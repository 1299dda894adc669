/** Error numbers of WASI preview1 that are given to modules. */
export const errno = {
  success: 0,
  badf: 8,
  fault: 21,
  inval: 28,
  nosys: 52,
} as const;
