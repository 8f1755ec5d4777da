// Sentences for errors, loaded when one is needed: most visits meet none.

/** One sentence for an error that a call of the engine ended with; the error's own where the sentences cannot be had. */
export async function failureWords(error: unknown): Promise<string> {
  try {
    const { failureText } = await import('../model/failures.ts')
    return failureText(error)
  } catch {
    return error instanceof Error ? error.message : ''
  }
}
