// Stands in for the types of the package assemblyscript, which declare globals of the guest (such as a console of its
// own) for the whole program. What is used of the compiler is typed in compiler.ts.
export {};
