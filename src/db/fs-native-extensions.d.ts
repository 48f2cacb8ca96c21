declare module 'fs-native-extensions' {
  /** Exclusive lock on an open file, held until `unlock`, close or the end of the process. False when it is taken. */
  export function tryLock(fd: number): boolean
  export function unlock(fd: number): void
}
