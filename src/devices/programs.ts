import { leadingNumbers, readable } from './headers.js'
import type { Device } from './types.js'

type Program = Pick<Device, 'browser' | 'browserVersion' | 'type'>

/**
 * Tells what is no person's browser: crawlers and link previews (`bot`), command lines and HTTP libraries (`script`).
 * Undefined for browsers. `told` is what the user agent parser made of the same text.
 */
export function readProgram(userAgent: string, told: Device): Program | undefined {
  // Each match takes its text along, so that the whole walk is linear however the text was made up.
  for (const [, name = '', version] of userAgent.matchAll(/([\w.-]+)(?:\/v?(\d[\w.]*))?/g)) {
    if (BOT.test(name) && !/^cubot/i.test(name)) return program(name, version, 'bot')
  }
  const [, name = '', version] = /^([A-Za-z][\w.+-]*)(?:\/v?(\d[\w.]*))?/.exec(userAgent.trimStart()) ?? []
  if (LIBRARY.test(name)) return program(name, version, 'script')
  const shell = /\b(?:Windows)?(PowerShell)\/(\d[\w.]*)/.exec(userAgent)
  if (shell) return program('PowerShell', shell[2], 'script')
  // Whatever names itself plainly and no system: somebody's own script. An app on a phone names the phone's.
  if (name && version && told.os === null && told.browser === null && !/^(mozilla|opera)$/i.test(name)) {
    return program(name, version, 'script')
  }
  return undefined
}

const BOT =
  /(bot|crawler|spider)(?![a-z])|^(slurp|bytespider|facebookexternalhit|meta-external\w+|whatsapp|skypeuripreview|bingpreview|mediapartners-google|feedfetcher-google|google-inspectiontool|googleother|chrome-lighthouse|chatgpt-user|perplexity-user|claude-user|embedly|statuscake|pingdom\.com_bot\w*)/i

const LIBRARY =
  /^(curl|wget|httpie|xh|python|python-requests|python-urllib|python-httpx|aiohttp|scrapy|go-http-client|okhttp|node|node\.js|node-fetch|node-superagent|undici|axios|got|deno|bun|postmanruntime|insomnia|bruno|java|java-http-client|apache-httpclient|jakarta|ruby|rest-client|faraday|libwww-perl|lwp|php|guzzlehttp|dart|reqwest|ureq|hyper|k6|apachebench|autocannon|hey|wrk|vegeta|jmeter|powershell)$/i

function program(name: string, version: string | undefined, type: 'bot' | 'script'): Program {
  return { browser: readable(name), browserVersion: leadingNumbers(version, 2), type }
}
