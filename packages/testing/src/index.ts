// The face of @skein/testing.
export { createMysqlDatabase, startMariadb, type Mariadb } from './mariadb.ts'
