// The digest over all of one's chats, made by the server and by each device: where the two differ, the device asks for the whole list (RT9).
import { base64url, type ChatId, type Head, type Sha256 } from './ids.ts'

const encoder = new TextEncoder()

/** Of the chats one is a member of, in any order; removed ones left out. 43 characters of base64url. */
export function feedDigest(chats: readonly { id: ChatId; rev: number; head: Head; markPos: number }[], sha256: Sha256): string {
  const lines = chats.map(({ id, rev, head, markPos }) => `${id} ${rev} ${head} ${markPos}\n`)
  return base64url(sha256(encoder.encode(['skein/1 feed\n', ...lines.sort()].join(''))))
}
