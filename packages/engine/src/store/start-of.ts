// Where every chain begins.
import { genesisHead, type ChatId, type Sha256 } from '@skein/protocol'
import type { Position } from './rows.ts'

export const startOf = (chat: ChatId, sha256: Sha256): Position => ({ rev: 0, seq: 0, head: genesisHead(chat, sha256) })
