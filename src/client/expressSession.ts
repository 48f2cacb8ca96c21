/** What apps import: `rollcall/express-session`. */
export type { Attached } from './attached.js'
export { type FailureCode, RollcallFailure } from './failure.js'
export { type AccountOf, type AppAccount, accountOfPassport, accountOfUserId } from './store/accounts.js'
export type { RollcallStoreOptions, StoreRequest } from './store/options.js'
export type { OtherStore } from './store/otherStore.js'
export { RollcallStore } from './store/rollcallStore.js'
