import { randomBytes } from 'node:crypto'
import type { InferInsertModel } from 'drizzle-orm'
import { sha256 } from '../accounts/passwords/links.js'
import type { AppIcon } from '../accounts/types.js'
import { type AppId, type KeyId, newId } from '../db/ids.js'
import type { apiKeys, apps } from '../db/schema.js'
import { APPS, type DemoApp } from './people.js'

/** An app that asks Rollcall about its sessions, with the key that its backend uses. */
export interface RelyingApp {
  id: AppId
  name: Exclude<DemoApp, 'Rollcall'>
  key: { id: KeyId; name: string; secret: string }
}

/** @param since when they were set up */
export function inventApps(since: Date): RelyingApp[] {
  return APPS.map((name) => ({
    id: newId<AppId>(since),
    name,
    key: { id: newId<KeyId>(since), name: `${name} backend`, secret: `rck_${randomBytes(32).toString('base64url')}` },
  }))
}

const ICONS: Record<RelyingApp['name'], AppIcon> = {
  Console: 'code',
  Billing: 'credit-card',
  Mobile: 'message-square',
  Warehouse: 'store',
}

export function appRows(list: readonly RelyingApp[], since: Date): InferInsertModel<typeof apps>[] {
  return list.map(({ id, name }) => ({
    id,
    name,
    icon: ICONS[name],
    integration: 'http',
    generation: 0,
    createdAt: since,
  }))
}

export function keyRows(
  list: readonly RelyingApp[],
  since: Date,
  createdBy: string,
): InferInsertModel<typeof apiKeys>[] {
  return list.map(({ id, key }) => ({
    id: key.id,
    appId: id,
    name: key.name,
    keyHash: sha256(key.secret),
    hint: key.secret.slice(-4),
    scopes: ['sessions:write', 'sessions:verify', 'sessions:read'],
    createdAt: since,
    createdBy,
  }))
}
