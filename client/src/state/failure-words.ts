// Sentences for errors, loaded when one is needed: most visits meet none.

/** Nobody waits longer to hear that something went wrong. */
const WAIT_MS = 1_000

const soon = (): Promise<null> => new Promise((resolve) => setTimeout(resolve, WAIT_MS, null))

async function load(): Promise<typeof import('../model/failures.ts') | null> {
  try {
    return await import('../model/failures.ts')
  } catch {
    return null
  }
}

/** One sentence for what a call of the engine ended with; the error's own where the sentences cannot be had soon. */
export async function failureWords(failure: unknown): Promise<string> {
  const sentences = await Promise.race([load(), soon()])
  return sentences ? sentences.failureText(failure) : failure instanceof Error ? failure.message : ''
}
