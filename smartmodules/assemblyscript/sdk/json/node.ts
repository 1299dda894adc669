import { JsonField } from "./field";

/**
 * What is looked for in one value: its own text, its members by name, its elements by position. A tree of these is what paths are
 * compiled to, and one walk over a text finds all of it.
 *
 * The walk follows addresses instead of references, which saves a check for null per step; `children` keeps what they
 * point to alive.
 */
export class JsonNode {
  /** The first eight bytes of the name, and the bits of them that count. */
  prefix: u64 = 0;
  mask: u64 = 0;
  nameLength: u32 = 0;
  nameAt: usize = 0;
  /** Position in an array; for a member of an object -1. */
  position: i32 = -1;
  /** The next node of the same kind below the same parent. */
  next: usize = 0;
  firstMember: usize = 0;
  firstElement: usize = 0;
  /** A bit for each length, modulo 64, that the name of a member below has. */
  nameLengths: u64 = 0;
  /** Where this value's own text is noted, or 0. */
  field: usize = 0;
  /** Texts looked for: this value's own, and those below it. */
  wanted: i32 = 0;
  /** Number of the last walk that met this node: of several members with one name the first counts. */
  met: u32 = 0;

  private name: ArrayBuffer | null = null;
  private target: JsonField | null = null;
  private children: JsonNode[] = [];

  /** The node of a member of this value, made where there is none. */
  member(name: string): JsonNode {
    const bytes = String.UTF8.encode(name);
    const length = <u32>bytes.byteLength;
    for (let i = 0; i < this.children.length; i++) {
      const child = this.children[i];
      if (child.position < 0 && child.isNamed(changetype<usize>(bytes), length)) return child;
    }
    const node = new JsonNode();
    node.name = bytes;
    node.nameAt = changetype<usize>(bytes);
    node.nameLength = length;
    memory.copy(changetype<usize>(node) + offsetof<JsonNode>("prefix"), node.nameAt, min(length, 8));
    node.mask = length < 8 ? (<u64>1 << (length * 8)) - 1 : ~0;
    node.next = this.firstMember;
    this.firstMember = changetype<usize>(node);
    this.nameLengths |= <u64>1 << (length & 63);
    this.children.push(node);
    return node;
  }

  /** The node of an element of this value, made where there is none. */
  element(position: i32): JsonNode {
    for (let i = 0; i < this.children.length; i++) {
      if (this.children[i].position == position) return this.children[i];
    }
    const node = new JsonNode();
    node.position = position;
    node.next = this.firstElement;
    this.firstElement = changetype<usize>(node);
    this.children.push(node);
    return node;
  }

  /** Looks for this value's own text. */
  look(field: JsonField): void {
    this.target = field;
    this.field = changetype<usize>(field);
  }

  get found(): JsonField | null {
    return this.target;
  }

  // @ts-ignore: decorator
  @inline
  isNamed(at: usize, length: u32): boolean {
    if (length != this.nameLength || ((load<u64>(at) ^ this.prefix) & this.mask) != 0) return false;
    return length <= 8 || memory.compare(at + 8, this.nameAt + 8, length - 8) == 0;
  }
}
