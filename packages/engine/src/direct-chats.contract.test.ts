import { join } from 'node:path'
import { directChatsSuite } from './direct-chats.suite.ts'

directChatsSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
