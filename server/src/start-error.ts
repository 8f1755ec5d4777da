// Why the server does not start, in one sentence that says what to do. Anything else that is thrown at start is a bug and shows its stack.
export class StartError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'StartError'
  }
}
