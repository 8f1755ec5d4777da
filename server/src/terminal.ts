// A person at a terminal, or a script that feeds standard input: questions, and passwords that nobody sees.
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { StartError } from './start-error.ts'

export interface Terminal {
  /** A person sits there; otherwise standard input is a file or a pipe. */
  readonly isInteractive: boolean
  /** Asks for a line, which is shown as it is typed. */
  ask(question: string): Promise<string>
  /** A password: twice without echo from a person, the first line of what a script feeds. */
  newPassword(): Promise<string>
}

/** Questions go to `output`; `input` with `isTTY` is a person's. */
export function createTerminal(input: NodeJS.ReadableStream & { isTTY?: boolean }, output: NodeJS.WritableStream): Terminal {
  const isInteractive = input.isTTY === true
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })

  /** One reader for all of them: what is typed ahead of a question is its answer. */
  async function askAll(questions: string[], isShown: boolean): Promise<string[]> {
    const lines = createInterface({ input, output: isShown ? output : nowhere, terminal: isInteractive, historySize: 0 })
    const typed = lines[Symbol.asyncIterator]()
    const answers: string[] = []
    try {
      for (const question of questions) {
        output.write(question)
        const { value, done } = await typed.next()
        // The line break of who typed unseen was not shown either.
        if (isInteractive && (done || !isShown)) output.write('\n')
        // Ctrl-C and Ctrl-D end the question, and with it the command.
        if (done) throw new StartError('Nothing was entered. Nothing was changed.')
        answers.push(value)
      }
      return answers
    } finally {
      lines.close()
    }
  }

  return {
    isInteractive,
    async ask(question) {
      const [answer = ''] = await askAll([question], true)
      return answer
    },
    async newPassword() {
      const [password = '', again = password] = await askAll(isInteractive ? ['Password: ', 'The same again: '] : [''], false)
      if (password !== again) throw new StartError('The two passwords are not the same. Nothing was changed.')
      return password
    },
  }
}
