import type { Api } from './api.js'
import { isId } from './command.js'
import { refused } from './exit.js'

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
  isId(named) ? named : (await findApp(api, named)).id
