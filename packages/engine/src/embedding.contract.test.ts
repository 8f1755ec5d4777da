import { join } from 'node:path'
import { embeddingSuite } from './embedding.suite.ts'

embeddingSuite(async (folder) => `sqlite:${join(folder, 'skein.db')}`)
