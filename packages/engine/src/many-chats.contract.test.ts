import { join } from 'node:path'
import { manyChatsSuite } from './many-chats.suite.ts'

manyChatsSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
