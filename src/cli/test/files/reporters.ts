/** The forms in which test files are reported. */
export const reporters = ["human", "json", "junit", "tap"] as const;
