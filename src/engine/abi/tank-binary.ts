/** tank.wat, built, in base64. */
export const tankBinary: string = [
  "AGFzbQEAAAABCQJgAXwAYAABfAIPAQVndWVzdARmdWVsA34BAwMCAAEHDwIEZmlsbAAABGxlZnQAAQoPAgcAIACwJAALBQAjALkL",
].join("");
