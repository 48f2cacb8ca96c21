import type { Api } from './api.js'
import { refused } from './exit.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i

interface App {
  id: string
  name: string
}

/** An app by its name or id. @throws CommandFailed where there is none */
export async function findApp(api: Api, named: string): Promise<App> {
  const { items } = await api.ask<{ items: App[] }>('GET', '/apps')
  const found = items.find(({ id, name }) => id === named || name.toLowerCase() === named.toLowerCase())
  if (!found) throw refused(`There is no app called ${named}. There are: ${items.map(({ name }) => name).join(', ')}.`)
  return found
}

/** Asks only for a name: an app's own key may not list the others. */
export const appId = async (api: Api, named: string): Promise<string> =>
  UUID.test(named) ? named : (await findApp(api, named)).id
