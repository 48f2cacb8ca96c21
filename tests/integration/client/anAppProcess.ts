import { onTestFinished } from 'vitest'
import { createVerifier, type RollcallFailure, type Verifier, type VerifierOptions } from '../../../src/client/index.js'
import type { Database } from '../../../src/db/connect.js'
import type { AppId } from '../../../src/db/ids.js'
import { anApp } from '../../support/builders.js'
import { aKey } from '../api/client.js'

export interface AppProcess extends Verifier {
  appId: AppId
  failures: RollcallFailure[]
}

/** An app with a key of its own, and a process of it that follows the node at that address. */
export async function anAppProcess(
  db: Database,
  url: string,
  options: Partial<VerifierOptions> & { app?: AppId } = {},
): Promise<AppProcess> {
  const { app = await anApp(db), ...more } = options
  const { secret } = await aKey(db, { app, scopes: ['sessions:verify'] })
  const failures: RollcallFailure[] = []
  const verifier = createVerifier({ url, key: secret, onFailure: (failure) => failures.push(failure), ...more })
  onTestFinished(() => verifier.stop())
  await verifier.started
  return Object.assign(verifier, { appId: app, failures })
}
