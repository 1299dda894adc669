import { MillraceError } from "../errors.ts";

/** The part of AssemblyScript's syntax tree that is looked at. Nodes are told apart by their classes. */
export interface AscNode {
  readonly range: { readonly start: number };
}

export interface AscFunction extends AscNode {
  readonly name: { readonly text: string };
  readonly signature: {
    readonly parameters: readonly unknown[];
    readonly returnType: { readonly name?: { readonly identifier: { readonly text: string } } };
  };
  is(flag: number): boolean;
}

export interface AscVariables extends AscNode {
  readonly declarations: readonly (AscNode & {
    readonly name: { readonly text: string };
    is(flag: number): boolean;
  })[];
}

export interface AscExports extends AscNode {
  readonly members:
    | readonly (AscNode & {
        readonly localName: { readonly text: string };
        readonly exportedName: { readonly text: string };
      })[]
    | null;
  readonly path: unknown;
}

type NodeClass<Node> = abstract new (...parameters: never[]) => Node;

/** The part of the package `assemblyscript` that is used. */
export interface AscSyntax {
  newOptions(): unknown;
  newProgram(options: unknown): { readonly sources: readonly AscSource[] };
  parse(program: unknown, text: string, path: string, isEntry: boolean): void;
  readonly FunctionDeclaration: NodeClass<AscFunction>;
  readonly VariableStatement: NodeClass<AscVariables>;
  readonly ExportStatement: NodeClass<AscExports>;
  readonly CommonFlags: { readonly Export: number };
}

export interface AscSource {
  readonly normalizedPath: string;
  readonly statements: readonly AscNode[];
}

export interface AscDiagnostic {
  readonly message: string;
  /** 0 pedantic, 1 information, 2 warning, 3 error */
  readonly category: number;
  readonly range: { readonly start: number; readonly source: { readonly normalizedPath: string } } | null;
}

/** The part of `assemblyscript/asc` that is used. */
export interface AscCompiler {
  main(
    args: readonly string[],
    options: {
      readFile(path: string, baseFolder: string): Promise<string | null>;
      writeFile(path: string, contents: Uint8Array | string): void;
      listFiles(): string[];
      reportDiagnostic(diagnostic: AscDiagnostic): void;
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

export interface Asc {
  readonly syntax: AscSyntax;
  readonly compiler: AscCompiler;
}

/**
 * Loads the AssemblyScript compiler, which is large and needed only by those who build modules.
 * @throws MillraceError `module.compiler` when it is not installed
 */
export async function loadCompiler(): Promise<Asc> {
  try {
    const compiler = (await import("assemblyscript/asc")) as unknown as AscCompiler;
    const syntax = (await import("assemblyscript")) as unknown as AscSyntax;
    return { compiler, syntax };
  } catch (error) {
    throw new MillraceError("module.compiler", "the AssemblyScript compiler cannot be loaded", {
      hint: "install it with `npm install --save-dev assemblyscript`",
      cause: error,
    });
  }
}
