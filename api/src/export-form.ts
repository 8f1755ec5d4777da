// What a chat becomes in a file, part by part.
import type { MessageState, UserId } from '@skein/protocol'
import type { ChatSummary } from '@skein/storage'

export type Named = (user: UserId) => Promise<string>
/** One file in the making. */
export interface Form {
  begin(chat: ChatSummary): string | Promise<string>
  message(message: MessageState, named: Named): Promise<string>
  /** What is cut off has no end. */
  end(messages: number): string | Promise<string>
}
