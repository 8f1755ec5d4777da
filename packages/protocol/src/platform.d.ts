// The one thing this package takes from its surroundings; every JavaScript platform has it.
declare class TextEncoder {
  encode(text: string): Uint8Array
}
