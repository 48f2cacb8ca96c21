import { v7, validate } from 'uuid'
import { z } from 'zod'

declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

/** Public identity of a session (UUIDv7). Safe to show and log; never accepted as a credential. */
export type SessionId = Id<'session'>
export type AccountId = Id<'account'>
export type AppId = Id<'app'>
export type NoteId = Id<'note'>
export type BlockId = Id<'block'>
export type ImportId = Id<'import'>
export type KeyId = Id<'key'>
export type ViewId = Id<'view'>
export type HostId = Id<'protected host'>
export type WebhookId = Id<'webhook'>
export type EndingId = Id<'ending'>
export type JobId = Id<'job'>
export type AuditEventId = Id<'audit event'>

/** The built-in site (sign-in, "your devices", the panel) is app number one, in every installation. */
export const BUILT_IN_APP = '00000000-0000-7000-8000-000000000001' as AppId

/**
 * A fresh UUIDv7.
 *
 * @param at its time; database time where order matters (a session), the process's own elsewhere
 * @see RFC 9562, section 5.7
 */
export function newId<T extends string>(at?: Date): T {
  return v7(at ? { msecs: at.getTime() } : undefined) as T
}

/** No id of that moment or later is below it: ids begin with their time (RFC 9562, 5.7). */
export function idFloor<T extends string = SessionId>(at: Date): T {
  const time = Math.max(0, at.getTime()).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000` as T
}

/** Lower-case UUID in its one canonical spelling, as the database prints it. */
export const uuid = <T extends string>() =>
  z
    .string()
    .refine((text) => validate(text), 'must be a UUID')
    .transform((text) => text.toLowerCase() as T)
