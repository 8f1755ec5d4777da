import { attackSuite } from './attacks.ts'

attackSuite(async () => 'sqlite::memory:')
