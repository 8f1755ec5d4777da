import { presenceSuite } from './presence.suite.ts'

presenceSuite(async () => 'sqlite::memory:')
