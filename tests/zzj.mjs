import { chromium } from 'playwright-core'

const [network, port = '3610'] = process.argv.slice(2)
const b = await chromium.launch({ executablePath: '/usr/bin/chromium-headless-shell', args: ['--no-sandbox'] })
const page = await (await b.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
page.setDefaultTimeout(60000)
const u = `http://127.0.0.1:${port}`
await page.goto(u + '/sign-in')
await page.fill('[name=email]', 'ada@journey.example')
await page.fill('[name=password]', 'Vg7#words-nobody-guesses-2026')
await page.click('button[type=submit]')
await page.waitForURL('**/admin**')
const t0 = Date.now()
const at = (w) => console.log(((Date.now() - t0) / 1000).toFixed(1).padStart(6), w)
let clicks = 0
await page.goto(u + '/admin/sessions')
at('list')
const s = page.locator('input[name=q]').first()
await s.fill(network)
await s.press('Enter')
clicks++
await page.waitForURL(/q=|ip=/)
await page.waitForLoadState('networkidle').catch(() => {})
at('list of the network ' + page.url())
await page.screenshot({ path: '/tmp/j/1.png' })
const names = await page.locator('a:visible, button:visible, summary:visible').allInnerTexts()
if (process.env.NAMES)
  console.log(
    names
      .map((x) => x.trim().replace(/\s+/g, ' '))
      .filter(Boolean)
      .join(' | '),
  )
await page.locator('.select-all').first().check()
clicks++
await page.locator('.bulk-bar a.link').click()
clicks++
await page.locator('input[name=previewed]').first().waitFor({ state: 'attached' })
at('preview')
await page.screenshot({ path: '/tmp/j/2.png' })
const typed = page.locator('input[name=typed]:visible')
const previewed = await page.locator('input[name=previewed]').first().inputValue()
await page.locator('[name=reason]:visible').first().fill('attack')
await typed.fill(previewed)
await page.locator('form[action="/admin/sessions/revoke-matching"] button[type=submit]:visible').first().click()
clicks++
await page.waitForURL(/jobs\//)
at('job page')
await page.waitForFunction(() => /[Rr]efused on/.test(document.body.innerText))
at('receipt: ' + (await page.evaluate(() => document.body.innerText.match(/[Rr]efused on[^\n]*/)?.[0])))
await page.screenshot({ path: '/tmp/j/3.png' })
const timings = []
for (let i = 0; i < 4; i++) {
  const t = Date.now()
  await page.goto(u + '/admin/sessions?q=' + encodeURIComponent(network))
  timings.push(Date.now() - t)
}
at('list of the network again, four times: ' + timings)
await page.screenshot({ path: '/tmp/j/4.png' })
for (let i = 0; i < 3; i++) {
  const t = Date.now()
  await page.goto(u + '/admin/sessions')
  timings.push(Date.now() - t)
}
at('whole list thrice: ' + timings.slice(4))
console.log('clicks so far', clicks)
await b.close()
